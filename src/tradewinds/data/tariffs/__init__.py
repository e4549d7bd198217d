"""Readers of national tariffs and negotiated schedules: outside files in, `Lines` out."""
