"""The columns of tariff lines: each with its type and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Column = Literal["label", "words", "number", "truth", "date"]

#: What a line is. Words are in the language of the ending; ``vat`` is a fraction; taxes are duties in words.
GOODS: Mapping[str, tuple[Column, str]] = {
    "importer": ("label", "whose tariff: ISO 3166-1 alpha-3, EUN for the European Union"),
    "revision": ("label", "nomenclature of the code: HS2022, CN2012, HS2012-AHTN …"),
    "line": ("label", "code, digits only, 2 to 12"),
    "ex": ("label", "part of the line where the schedule splits it; blank for the whole"),
    "season": ("label", "days of the year MM-DD..MM-DD in which the row applies; blank for all year"),
    "unit": ("label", "statistical or charging unit, as printed"),
    "description_en": ("words", "description, English"),
    "description_zh": ("words", "description, Chinese, as printed"),
    "description_ja": ("words", "description, Japanese, heading > subheading > line"),
    "description_vi": ("words", "description, Vietnamese"),
    "vat": ("number", "value added tax, fraction of the duty-paid value"),
    "consumption_tax": ("label", "excise, in the words of the source"),
    "export_duty": ("label", "export duty, in the words of the source"),
    "export_provisional": ("label", "provisional export duty, in the words of the source"),
    "controls": ("label", "control codes of the source"),
    "import_regime": ("label", "free, conditional or banned; blank where the source does not say"),
    "origin": ("words", "product-specific rule of origin, in the words of the source"),
    "quota": ("words", "tariff-rate quota, in the words of the source"),
}
#: What is charged. Rates are fractions, amounts in ``currency`` for each ``per`` × ``unit``.
RATES: Mapping[str, tuple[Column, str]] = {
    "importer": ("label", "as in goods"),
    "revision": ("label", "as in goods"),
    "line": ("label", "as in goods"),
    "ex": ("label", "as in goods"),
    "season": ("label", "as in goods"),
    "regime": ("label", "mfn, bound, provisional, general, gsp, ldc or the id of an agreement"),
    "group": ("label", "group of origins within the regime; blank for all its members"),
    "role": ("label", "applied (charged in the period) or base (from which the staging starts)"),
    "text": ("label", "the rate in the words of the source"),
    "dialect": ("label", "how to read the words: a dialect of the duty language"),
    "kind": ("label", "kind of duty understood; text where not"),
    "understood": ("truth", "whether the whole text was understood"),
    "bracketed": ("truth", "printed in brackets: the rate stands, another column's is applied"),
    "rate": ("number", "fraction, where the duty is or contains one share of the value and is no choice"),
    "amount": ("number", "amount, likewise"),
    "currency": ("label", "of the amount: ISO 4217"),
    "duty_unit": ("label", "of the amount"),
    "per": ("number", "how many units the amount is for"),
    "staging": ("label", "staging category of the schedule"),
    "valid_from": ("date", "first day"),
    "valid_to": ("date", "last day; blank: open"),
    "source": ("label", "id in the registry"),
    "grade": ("label", "grade of the rate"),
    "note": ("label", "what was done to the source's cell, and what it says besides"),
}
KEY = ("importer", "revision", "line", "ex", "season")
LANGUAGES = ("en", "zh", "ja", "vi")
