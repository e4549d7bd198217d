"""The canonical writing of a duty: what :func:`render_duty` writes, :func:`parse_canonical` reads back.

``Free`` · ``5%`` · ``12.5 EUR/100 kg`` · ``5% + 12.5 EUR/100 kg`` · ``greater of (5%; 1 EUR/kg)`` · ``lesser of (…)`` ·
``one of (…)`` · ``difference (535.53 JPY/kg - 100% of value)`` · ``component "EA"`` · ``entry price "…"`` ·
``not committed`` · ``suspended`` · ``when in_quota "…": Free | when out_of_quota: 10%``.
A bare number is refused: it could be per cent or a fraction.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import get_args

from tradewinds.world.duty.terms import Condition, ConditionKind, Duty, Kind, free, not_understood

_CHOICES: dict[Kind, str] = {"greater": "greater of", "lesser": "lesser of", "range": "one of"}
_PLAIN: dict[Kind, str] = {"free": "Free", "not_committed": "not committed", "suspended": "suspended"}
_NAMED: dict[Kind, str] = {"component": "component", "entry_price": "entry price"}


def number(value: float) -> str:
    """A number in plain digits, exact again when read.

    >>> number(1e-05), number(5.0)
    ('0.00001', '5')
    """
    plain = format(Decimal(repr(value)), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def per_cent(rate: float) -> str:
    """A fraction as per cent without loss: ``per_cent(0.046)`` is ``4.6%``."""
    plain = format(Decimal(repr(rate)) * 100, "f")
    return f"{plain.rstrip('0').rstrip('.') if '.' in plain else plain}%"


def render_duty(duty: Duty) -> str:
    """The canonical writing; of a text not understood, the text itself."""
    if duty.kind == "pieces":
        return " | ".join(_piece(part) for part in duty.parts)
    return _term(duty)


def _piece(part: Duty) -> str:
    body = _term(replace(part, when=None))
    return f"{_condition(part.when)}: {body}" if part.when is not None else body


def _term(duty: Duty) -> str:
    if duty.kind in _PLAIN:
        return _PLAIN[duty.kind]
    if duty.kind in _CHOICES:
        return f"{_CHOICES[duty.kind]} ({'; '.join(_inner(p) for p in duty.parts)})"
    if duty.kind == "compound":
        return " + ".join(_inner(part, within_sum=True) for part in duty.parts)
    if duty.kind in _NAMED:
        return _NAMED[duty.kind] + (f" {_quoted(duty.reference)}" if duty.reference else "")
    if duty.kind == "ad_valorem":
        return per_cent(duty.rate or 0.0)
    if duty.kind == "specific":
        return _amount(duty)
    if duty.kind == "difference":
        named = f"{number(duty.factor)} x {_quoted(duty.reference)} {duty.currency}{_unit(duty)}"
        high = _amount(duty) if duty.amount is not None else named
        return f"difference ({high} - {per_cent(-(duty.rate or 0.0))} of value)"
    return duty.text


def _inner(duty: Duty, *, within_sum: bool = False) -> str:
    """A term within another: in square brackets where it would else be read as part of what surrounds it."""
    if duty.kind == "pieces" or (within_sum and duty.kind == "compound"):
        return f"[{render_duty(duty)}]"
    return _term(duty)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _unit(duty: Duty) -> str:
    return f"/{number(duty.per)} {duty.unit}" if duty.per != 1 else f"/{duty.unit}"


def _amount(duty: Duty) -> str:
    return f"{number(duty.amount or 0.0)} {duty.currency}{_unit(duty)}"


def _condition(when: Condition) -> str:
    words = f"when {when.kind}"
    if when.start:
        words += f" {when.start}..{when.end}"
    if when.amount is not None:
        words += f" {number(when.amount)} {when.currency}/{when.unit or '-'}"
    return words + (f" {_quoted(when.text)}" if when.text else "")


_NUMBER = r"-?\d+(?:\.\d+)?"
_STRING = r'"(?:[^"\\]|\\.)*"'
_UNIT = r"(?:[^\W\d_]|%)(?:[\w·%]| (?=[^\W\d_])(?!x ))*"
_RATE = re.compile(rf"({_NUMBER})\s*%")
_SPECIFIC = re.compile(rf"({_NUMBER}) ?([A-Z]{{3}})/(?:({_NUMBER}) )?({_UNIT})")
_REFERENCE = re.compile(rf"({_NUMBER}) x ({_STRING}) ([A-Z]{{3}})?/(?:({_NUMBER}) )?({_UNIT})")
_WHEN = re.compile(
    rf"when (\w+)(?: (\d\d-\d\d)\.\.(\d\d-\d\d))?(?: ({_NUMBER}) ([A-Z]{{3}})/({_UNIT}|-))?(?: ({_STRING}))?: "
)
_CONDITIONS: tuple[str, ...] = get_args(ConditionKind)


class _Unread(Exception):
    """The text does not follow the grammar."""


class _Reader:
    """One pass over a canonical text."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def eat(self, word: str) -> bool:
        if self.text.startswith(word, self.at):
            self.at += len(word)
            return True
        return False

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, word: str) -> None:
        if not self.eat(word):
            raise _Unread(word)

    def duty(self) -> Duty:
        parts = [self.piece()]
        while self.eat(" | "):
            parts.append(self.piece())
        if len(parts) == 1 and parts[0].when is None:
            return parts[0]
        return Duty("pieces", parts=tuple(parts))

    def piece(self) -> Duty:
        start = self.at
        found = self.match(_WHEN)
        body = self.sum()
        if found is None:
            return replace(body, text=self.text[start : self.at])
        return replace(body, when=_read_condition(found), text=self.text[start : self.at])

    def sum(self) -> Duty:
        parts = [self.term()]
        while self.eat(" + "):
            parts.append(self.term())
        return parts[0] if len(parts) == 1 else Duty("compound", parts=tuple(parts))

    def term(self) -> Duty:
        if self.eat("["):
            inner = self.duty()
            self.need("]")
            return inner
        for kind, word in _PLAIN.items():
            if self.eat(word):
                return free() if kind == "free" else Duty(kind)
        for kind, word in _CHOICES.items():
            if self.eat(f"{word} ("):
                return Duty(kind, parts=self.listed())
        for kind, word in _NAMED.items():
            if self.eat(word):
                named = self.match(re.compile(rf" ({_STRING})"))
                return Duty(kind, reference=str(json.loads(named[1])) if named else "")
        if self.eat("difference ("):
            return self.difference()
        return self.leaf()

    def listed(self) -> tuple[Duty, ...]:
        parts = [self.sum()]
        while self.eat("; "):
            parts.append(self.sum())
        self.need(")")
        return tuple(parts)

    def difference(self) -> Duty:
        if found := self.match(_REFERENCE):
            high = Duty(
                "difference",
                factor=float(found[1]),
                reference=str(json.loads(found[2])),
                currency=found[3] or "",
                per=float(found[4] or 1),
                unit=found[5],
            )
        else:
            high = replace(self.leaf(), kind="difference")
        self.need(" - ")
        share = self.leaf()
        self.need(" of value)")
        return replace(high, rate=-(share.rate or 0.0))

    def leaf(self) -> Duty:
        if found := self.match(_SPECIFIC):
            return Duty(
                "specific", amount=float(found[1]), currency=found[2], per=float(found[3] or 1), unit=found[4].strip()
            )
        if found := self.match(_RATE):
            return Duty("ad_valorem", rate=float(Decimal(found[1]) / 100))
        raise _Unread(self.text[self.at :])


def _read_condition(found: re.Match[str]) -> Condition:
    kind, start, end, amount, currency, unit, text = found.groups()
    if kind not in _CONDITIONS:
        raise _Unread(kind)
    return Condition(
        kind=kind,  # type: ignore[arg-type]
        text=str(json.loads(text)) if text else "",
        amount=float(amount) if amount else None,
        currency=currency or "",
        unit="" if unit in (None, "-") else unit,
        start=start or "",
        end=end or "",
    )


def parse_canonical(text: str) -> Duty:
    """Read the canonical writing; anything else is not understood."""
    reader = _Reader(text.strip())
    if reader.text.casefold() in ("free", "duty free", "duty-free"):
        return free(text)
    try:
        duty = reader.duty()
    except (_Unread, ValueError):
        return not_understood(text)
    if reader.at != len(reader.text) or any(
        (leaf.rate or 0) < 0 and leaf.kind == "ad_valorem" for leaf in duty.leaves()
    ):
        return not_understood(text)
    return replace(duty, text=text)
