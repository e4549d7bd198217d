"""Duties as China, the European Union, the United States and plain per-cent schedules write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from tradewinds.world.duty.terms import Condition, ConditionKind, Duty, Kind, free, not_understood


class _Unread(Exception):
    """The words do not follow the grammar."""


def ad_valorem(digits: str, text: str = "") -> Duty:
    """A share written in per cent; nought is free."""
    rate = float(Decimal(digits) / 100)
    return Duty("ad_valorem", rate=rate, text=text) if rate else free(text)


def parse_number(text: str) -> Duty:
    """A bare number is per cent (Korea, Vietnam); ``CKD`` names the duty of the parts of a kit."""
    bare = text.strip().removesuffix("%").strip()
    if re.fullmatch(r"\d+(\.\d+)?", bare):
        return ad_valorem(bare, text)
    if bare == "CKD":
        return Duty("component", reference="CKD", text=text)
    if found := re.fullmatch(
        r"(\d+(?:\.\d+)?)\s*% or ([\d,]+(?:\.\d+)?) ?won/(kg|l|no)(?:, whichever is (?:the )?greater)?", text
    ):
        amount = Duty("specific", amount=float(found[2].replace(",", "")), currency="KRW", unit=found[3])
        return Duty("greater", parts=(ad_valorem(found[1]), amount), text=text)
    return not_understood(text)


# ---- China -------------------------------------------------------------------------------------------------------

_CHINA_UNITS: Mapping[str, str] = {
    "千克": "kg", "公斤": "kg", "克": "g", "吨": "t", "升": "l", "千升": "kl", "米": "m",
    "平方米": "m2", "立方米": "m3",
    "台": "no", "个": "no", "件": "no", "辆": "no", "只": "no", "头": "no", "支": "no", "张": "no", "双": "pair",
}  # fmt: skip
_CHINA_UNIT = "|".join(sorted(_CHINA_UNITS, key=len, reverse=True))
_CHINA_VALUE: tuple[tuple[str, ConditionKind], ...] = (
    (r"不高于|≤|<=", "value_upto"),
    (r"高于|＞|>", "value_over"),
    (r"大于等于|≥|>=", "value_from"),
    (r"小于|＜|<", "value_under"),
)
_CHINA_MONEY = rf"(?P<amount>\d+(?:\.\d+)?)(?P<dollar>美)?元(?:/(?P<unit>{_CHINA_UNIT}))?"
_CHINA_AMOUNT = re.compile(_CHINA_MONEY)


def parse_china(text: str) -> Duty:
    """China: bare numbers are per cent; 从量税 ``9元/千克``, 复合税 ``3.0%+2389.5元``, by customs value, in quota."""
    bare = "".join(text.split()).rstrip("。")
    try:
        if found := re.fullmatch(r"关税配额税率[：:](.+)", bare):
            part = replace(_china_rate(found[1]), when=Condition("in_quota", text="关税配额"), text=bare)
            return Duty("pieces", parts=(part,), text=text)
        if bare.startswith(("完税价", "计税价")):
            return Duty("pieces", parts=_china_by_value(bare), text=text)
        if found := re.fullmatch(r"(?:选择税[：:]?)?(.+)(?:或|，)(.+?)(?:，)?(?:两者)?(?:从|取)(高|低)(?:计征)?", bare):
            kind: Kind = "greater" if found[3] == "高" else "lesser"
            return Duty(kind, parts=(_china_rate(found[1]), _china_rate(found[2])), text=text)
        return replace(_china_rate(bare), text=text)
    except _Unread:
        return not_understood(text)


def _china_rate(bare: str) -> Duty:
    parts = [_china_term(term) for term in bare.split("+")]
    if len(parts) == 1:
        return parts[0]
    charged = [part for part in parts if part.kind != "free"]
    return charged[0] if len(charged) == 1 else Duty("compound", parts=tuple(charged))


def _china_term(term: str) -> Duty:
    if re.fullmatch(r"\d+(\.\d+)?%?", term):
        return ad_valorem(term.removesuffix("%"))
    found = _CHINA_AMOUNT.fullmatch(term)
    if not found:
        raise _Unread(term)
    if not float(found["amount"]):
        return free(term)
    currency = "USD" if found["dollar"] else "CNY"
    return Duty(
        "specific", amount=float(found["amount"]), currency=currency, unit=_CHINA_UNITS.get(found["unit"], "no")
    )


def _china_by_value(bare: str) -> tuple[Duty, ...]:
    """``完税价不高于7.5元/千克：20%，完税价高于…：0%+1.5元/千克``; a threshold of nought is a fault of the source."""
    parts = []
    for clause in re.split(r"[，；;](?=完税价|计税价)", bare):
        found = re.fullmatch(rf"(?:完税价格?|计税价格)(?P<sign>[^\d]+){_CHINA_MONEY}[：:，,](?P<rate>.+)", clause)
        if not found or not float(found["amount"]):
            raise _Unread(clause)
        kind = next((k for signs, k in _CHINA_VALUE if re.fullmatch(signs, found["sign"])), None)
        if kind is None:
            raise _Unread(clause)
        when = Condition(
            kind,
            amount=float(found["amount"]),
            currency="USD" if found["dollar"] else "CNY",
            unit=_CHINA_UNITS.get(found["unit"], "no"),
        )
        parts.append(replace(_china_rate(found["rate"]), when=when, text=clause))
    return tuple(parts)


# ---- European Union ----------------------------------------------------------------------------------------------

_EU_NUMBER = r"\d+(?:[.,]\d+)?"
#: As printed, with blanks taken out, longest first: unit and how many of it.
_EU_UNITS: tuple[tuple[str, str, float], ...] = (
    (r"100kg/net(?:mas)?", "kg", 100),
    (r"100kg/neteda", "kg drained", 100),
    (r"100kg/br", "kg gross", 100),
    (r"100kgstdqual", "kg standard quality", 100),
    (r"1000kg(?:/net)?", "kg", 1000),
    (r"100kg", "kg", 100),
    (r"kg/tot/alc", "kg total alcohol", 1),
    (r"kg", "kg", 1),
    (r"%vol/hl", "% vol·hl", 1),
    (r"hl", "hl", 1),
    (r"1000p/st", "no", 1000),
    (r"p/st", "no", 1),
    (r"100p/st", "no", 100),
    (r"1000l", "l", 1000),
    (r"100m", "m", 100),
    (r"m2|m²", "m2", 1),
    (r"m3|m³", "m3", 1),
    (r"pa", "pair", 1),
)  # fmt: skip
_EU_SPECIFIC = re.compile(rf"({_EU_NUMBER})(?:EUR|€)/(.+)")


def parse_eu(text: str) -> Duty:
    """The Combined Nomenclature: ``12,8 + 176,8 EUR/100 kg/net``, MIN and MAX, EA, AD S/Z, AD F/M, Entry Prices.

    A limit or an addend that is a bare number behind a specific amount is a unit lost in print: not understood.
    """
    bare = "".join(text.split())
    if re.search(r"[\d,]\s+\d", text):
        return not_understood(text)
    if bare.casefold() in ("entryprices", "entryprice"):
        return Duty("entry_price", text=text)
    try:
        return replace(_eu_limits(bare), text=text)
    except _Unread:
        return not_understood(text)


def _eu_limits(bare: str) -> Duty:
    tokens = re.split(r"(MIN|MAX)", bare)
    duty = _eu_sum(tokens[0])
    for way, limit in zip(tokens[1::2], tokens[2::2], strict=True):
        bound = _eu_sum(limit)
        if bound.ad_valorem_only and duty.kind == "specific":
            raise _Unread(bare)
        duty = Duty("greater" if way == "MIN" else "lesser", parts=(duty, bound))
    return duty


def _eu_sum(bare: str) -> Duty:
    parts = [_eu_term(term) for term in bare.split("+")]
    kinds = [part.kind for part in parts]
    if any(part.ad_valorem_only and "specific" in kinds[:at] for at, part in enumerate(parts)):
        raise _Unread(bare)
    charged = [part for part in parts if part.kind != "free"] if len(parts) > 1 else parts
    return charged[0] if len(charged) == 1 else Duty("compound", parts=tuple(charged))


def _eu_term(term: str) -> Duty:
    if found := re.fullmatch(rf"({_EU_NUMBER})%?", term):
        return ad_valorem(found[1].replace(",", "."), term)
    if found := re.fullmatch(r"(EA)R?|(AD[SF]/?[ZM])", term):
        return Duty("component", reference="EA" if found[1] else f"AD {term[2]}/{term[-1]}")
    if found := _EU_SPECIFIC.fullmatch(term):
        for pattern, unit, per in _EU_UNITS:
            if re.fullmatch(pattern, found[2]):
                amount = float(found[1].replace(",", "."))
                return Duty("specific", amount=amount, currency="EUR", unit=unit, per=float(per))
    raise _Unread(term)


def split_spilled(cell: str) -> tuple[str, str]:
    """Divide a cell into which the end of the description has run: (words, rate).

    The rate is the longest end of the cell that is a duty of the European Union or a per-cent number; none: all words.

    >>> split_spilled("39 % or more but 9 + EA")
    ('39 % or more but', '9 + EA')
    """
    words = cell.split()
    for at in range(len(words)):
        rest = " ".join(words[at:])
        if at and words[at - 1] in ("+", "MIN", "MAX", "EUR/"):
            continue
        if at and re.search(r"EUR|MIN|MAX|\bEA\b", " ".join(words[:at])):
            break
        if parse_eu(rest).kind != "text":
            return " ".join(words[:at]), rest
    return "", cell


# ---- United States -----------------------------------------------------------------------------------------------

_US_UNITS: Mapping[str, str] = {
    "kg": "kg", "g": "g", "t": "t", "liter": "l", "liters": "l", "l": "l", "head": "no", "each": "no", "no.": "no",
    "no": "no", "doz.": "dozen", "m2": "m2", "m²": "m2", "m3": "m3", "pf. liter": "l pure alcohol", "bbl": "barrel",
    "pf.liter": "l pure alcohol", "pr": "pair", "pair": "pair", "pr.": "pair", "1000": "thousand", "carat": "ct",
}  # fmt: skip
_US_AMOUNT = re.compile(
    r"(?:\$(?P<dollars>\d+(?:\.\d+)?)|(?P<cents>\d+(?:\.\d+)?) ?(?:¢|cents?))"
    r"(?: ?/ ?(?P<unit>[\w. ²³]+?)| (?P<each>each))"
)


def parse_us(text: str) -> Duty:
    """The Harmonized Tariff Schedule: ``Free``, ``4.4 cents/kg``, ``1¢/kg + 10%``, ``$0.724/kg + 10.4%``."""
    try:
        parts = tuple(_us_term(term.strip()) for term in text.strip().split("+"))
    except _Unread:
        return not_understood(text)
    return replace(parts[0], text=text) if len(parts) == 1 else Duty("compound", parts=parts, text=text)


def _us_term(term: str) -> Duty:
    if term.casefold() == "free":
        return free(term)
    if found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*%?", term):
        return ad_valorem(found[1], term)
    found = _US_AMOUNT.fullmatch(term)
    unit = _US_UNITS.get((found["unit"] or found["each"]).strip()) if found else None
    if not found or unit is None:
        raise _Unread(term)
    amount = Decimal(found["dollars"]) if found["dollars"] else Decimal(found["cents"]) / 100
    return Duty("specific", amount=float(amount), currency="USD", unit=unit) if amount else free(term)
