"""What a duty is made of: a small tree of terms, whatever language the tariff was written in.

=============  ================================================================================================
kind           meaning and fields
=============  ================================================================================================
free           no duty
ad_valorem     ``rate`` (fraction) of the customs value
specific       ``amount`` of ``currency`` for each ``per`` × ``unit``
difference     the amount by which ``amount`` (or ``factor`` × the price named in ``reference``) exceeds ``−rate`` of
               the customs value per unit, never below zero; ``rate`` is negative
component      an amount set elsewhere and only named here (``reference``: the agricultural component EA, AD S/Z, CKD …)
entry_price    the duty of the entry-price system, set elsewhere
not_committed  the schedule makes no promise
suspended      a promise that is not in force
compound       the sum of ``parts``
greater        the greatest of ``parts``
lesser         the least of ``parts``
range          one of ``parts``: the row covers goods of several rates
pieces         ``parts`` that each apply ``when`` a condition holds (quota, season, value, party, product)
text           not understood: the words are kept and counted, no number is made up
=============  ================================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal[
    "free",
    "ad_valorem",
    "specific",
    "difference",
    "component",
    "entry_price",
    "not_committed",
    "suspended",
    "compound",
    "greater",
    "lesser",
    "range",
    "pieces",
    "text",
]
KINDS: tuple[str, ...] = get_args(Kind)

ConditionKind = Literal[
    "in_quota",
    "out_of_quota",
    "season",
    "value_upto",
    "value_under",
    "value_over",
    "value_from",
    "party",
    "product",
    "part",
]

#: Units a duty can be laid on: dimension, and size in the first unit of that dimension. Net weight is weight.
UNITS: Mapping[str, tuple[str, float]] = {
    "kg": ("mass", 1.0),
    "g": ("mass", 0.001),
    "t": ("mass", 1000.0),
    "l": ("volume", 1.0),
    "hl": ("volume", 100.0),
    "kl": ("volume", 1000.0),
    "m": ("length", 1.0),
    "cm": ("length", 0.01),
    "m2": ("area", 1.0),
    "m3": ("solid", 1.0),
    "no": ("number", 1.0),
    "pair": ("pairs", 1.0),
    "ct": ("carat", 1.0),
    "kWh": ("energy", 1.0),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """When a piece of a duty applies; ``text`` keeps the words, the other fields what could be read from them.

    ``start`` and ``end`` are days of the year, ``MM-DD``, both included; a season may run over the new year.
    ``amount`` of ``currency`` per ``unit`` is the customs value that divides two pieces (blank unit: per consignment
    unit).
    """

    kind: ConditionKind
    text: str = ""
    amount: float | None = None
    currency: str = ""
    unit: str = ""
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty as a tree of terms; see the table above. Equality is of meaning: text, marks and brackets do not count.

    ``marks`` are the footnote signs of the source. ``bracketed``: the source prints the rate in brackets, which in
    Japan's tariff says that the rate stands but another column's rate is the one applied.
    """

    kind: Kind
    rate: float | None = None
    amount: float | None = None
    currency: str = ""
    unit: str = ""
    per: float = 1.0
    factor: float = 1.0
    reference: str = ""
    parts: tuple[Duty, ...] = ()
    when: Condition | None = None
    text: str = field(default="", compare=False)
    marks: tuple[str, ...] = field(default=(), compare=False)
    bracketed: bool = field(default=False, compare=False)

    @property
    def understood(self) -> bool:
        """False when any part of the text is still only text."""
        return self.kind != "text" and all(part.understood for part in self.parts)

    def leaves(self) -> Iterator[Duty]:
        """The terms without parts, in order of writing."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    @property
    def ad_valorem_only(self) -> bool:
        """Whether the duty is one share of the value and nothing else (free counts as zero)."""
        return self.kind in ("free", "ad_valorem")


def free(text: str = "") -> Duty:
    """No duty."""
    return Duty("free", rate=0.0, text=text)


def not_understood(text: str) -> Duty:
    """The words, and nothing else."""
    return Duty("text", text=text)


def summary(duty: Duty) -> tuple[float | None, float | None, str, str, float]:
    """Rate, amount, currency, unit and per of a duty that is one rate, one amount, or the sum of one each.

    All empty for any other duty: its tree must be asked.
    """
    leaves = list(duty.leaves()) if duty.kind == "compound" else [duty]
    rates = [leaf for leaf in leaves if leaf.ad_valorem_only]
    amounts = [leaf for leaf in leaves if leaf.kind == "specific"]
    if len(rates) + len(amounts) != len(leaves) or len(rates) > 1 or len(amounts) > 1 or not leaves:
        return None, None, "", "", 1.0
    if duty.kind == "compound" and any(part.parts for part in duty.parts):
        return None, None, "", "", 1.0
    rate = rates[0].rate if rates else None
    if not amounts:
        return rate, None, "", "", 1.0
    return rate, amounts[0].amount, amounts[0].currency, amounts[0].unit, amounts[0].per
