"""Measures on trade and tariff lines: what a schedule protects, what a preference is worth, and who uses it."""
