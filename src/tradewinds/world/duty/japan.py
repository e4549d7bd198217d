"""Duties as Japan's tariff writes them.

Signs of the source: brackets say that the rate stands but another column's rate is applied; ``●`` the statistical line
covers several tariff items; ``◎``, ``※``, ``*`` and ``◆n`` point to notes. They are kept as marks. One row may hold
several lines, each with the goods, the quota, the season or the party it is for, and then its rate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from tradewinds.world.duty.terms import Condition, Duty, Kind, free, not_understood

_WIDE = str.maketrans("（）％＋−－〜～　，／０１２３４５６７８９", "()%+--~~ ,/0123456789")
_MARKS = re.compile(r"[●◎※*]+|◆\d*")
_UNITS = {
    "kg": "kg",
    "kl": "kl",
    "l": "l",
    "m2": "m2",
    "㎡": "m2",
    "頭": "no",
    "本": "no",
    "枚": "no",
    "足": "pair",
    "MT": "t",
}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_REFERENCE = re.compile(
    r"1(?:キログラム|(?P<head>頭))につき、?(?P<name>.+?基準輸入価格)(?:に(?P<factor>[\d.]+)を乗じて得た額)?と"
    r"課税価格(?:に(?P<share>[\d.]+)を乗じて得た額)?との差額"
)
_CONTENT = re.compile(
    r"1キログラムにつき、(?P<base>[\d.]+)円に重量比による(?P<what>.+?)の含有率が(?P<over>[\d.]+)%を超える1%ごとに(?P<step>[\d.]+)円を加えた額"
)
_SUGAR = re.compile(r"(?:当該)?原産品に含まれる砂糖の重量1(?:kg|キログラム)につき(?P<amount>[\d.]+)円")
_LIMIT = re.compile(
    r"\(?ただし、?その税率が(?P<at>[^を]+)を(?P<way>上回る|下回る)場合は(?P<to>[^とで)]+?)(?:とする)?\)?$"
)
_CHOICE = re.compile(r"(?P<body>.+)のうちいずれか(?P<way>高い|低い)税率$")
_SEASON = re.compile(r"毎年(\d+)月(\d+)日から(?:同年|翌年)(\d+)月(\d+|末)日?(?:日)?まで")
_TOKEN = re.compile(rf"\s*(?:(?P<number>\d[\d,]*(?:\.\d+)?)|(?P<unit>/(?:(?P<per>[\d,]+))?(?P<name>{_UNIT}))"
                    r"|(?P<value>課税価格)|(?P<sign>[-+×/()%円万]))")  # fmt: skip


class _Unread(Exception):
    """The words do not follow the grammar."""


def parse_japan(text: str) -> Duty:
    """Read a cell of Japan's tariff."""
    try:
        return replace(_cell(text), text=text)
    except (_Unread, ZeroDivisionError):
        return not_understood(text)


def _cell(text: str) -> Duty:
    wide = text.translate(_WIDE).strip()
    try:
        return _rate("".join(wide.split()))
    except _Unread:
        pass
    rows = [row.strip() for row in re.sub(r"\n+(?=ただし)", "", wide).split("\n") if row.strip()]
    parts = tuple(part for row in rows for part in _row(row))
    if len(parts) == 1 and parts[0].when is None:
        return parts[0]
    return Duty("pieces", parts=parts, marks=tuple(m for p in parts for m in p.marks))


def _row(row: str) -> list[Duty]:
    """One line of a cell: words on the goods, then the rate. The leftmost blank whose rest is a rate divides them."""
    if (row[:1] == "(" and "に対する待遇)" not in row) or " " not in row:
        return [_rate("".join(row.split()))]
    for blank in re.finditer(r"\s+", row):
        words, rest = row[: blank.start()].strip(), "".join(row[blank.end() :].split())
        try:
            return [replace(_rate(rest), when=condition(words), text=row)]
        except _Unread:
            continue
    return [_rate("".join(row.split()))]


def condition(words: str) -> Condition:
    """What a row's words make the rate depend on."""
    if found := _SEASON.search(words):
        start, end = season(found)
        return Condition("season", text=words, start=start, end=end)
    if "関税割当数量以外" in words:
        return Condition("out_of_quota", text=words)
    if "以外のもので、" not in words and "関税割当て以外" in words:
        return Condition("product", text=words)
    if "関税割当数量以内" in words or "関税割当て" in words:
        return Condition("in_quota", text=words)
    if "に対する待遇" in words:
        return Condition("party", text=words)
    return Condition("product", text=words)


def season(found: re.Match[str]) -> tuple[str, str]:
    """Days of the year from ``毎年M月D日から…M月D日(末日)まで``."""
    first, day, last, end = found.groups()
    return f"{int(first):02d}-{int(day):02d}", f"{int(last):02d}-{'29' if end == '末' else f'{int(end):02d}'}"


def seasonal(words: str) -> tuple[str, str] | None:
    """The season a description names, if it does.

    >>> seasonal("オレンジ > 2 毎年12月1日から翌年5月31日までに輸入されるもの")
    ('12-01', '05-31')
    """
    found = _SEASON.search(words.translate(_WIDE))
    return season(found) if found else None


def _rate(text: str) -> Duty:
    """One rate without words about goods; no blanks inside."""
    marks, bare = tuple(_MARKS.findall(text)), _MARKS.sub("", text)
    bracketed, bare = _unbracket(bare)
    duty = _limited(bare)
    return replace(duty, marks=marks + duty.marks, bracketed=bracketed or duty.bracketed, text=text)


def _unbracket(text: str) -> tuple[bool, str]:
    """Take off one pair of brackets around the whole, where a rate (not a formula's factor) is inside."""
    if not (text.startswith("(") and text.endswith(")")):
        return False, text
    depth = 0
    for at, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0 and at < len(text) - 1:
            return False, text
    return (True, text[1:-1]) if depth == 0 else (False, text)


def _limited(text: str) -> Duty:
    """A rate with a floor or a cap behind it."""
    if text.startswith("一部"):
        return Duty("pieces", parts=(replace(_alternatives(text[2:]), when=Condition("part", text="一部"), text=text),))
    if not (found := _LIMIT.search(text)):
        return _alternatives(text)
    if found["at"] != found["to"]:
        raise _Unread(text)
    kind: Kind = "greater" if found["way"] == "下回る" else "lesser"
    return Duty(kind, parts=(_alternatives(text[: found.start()]), _sum(found["to"])))


def _alternatives(text: str) -> Duty:
    """``A~B``, ``A、B``, ``A又は非譲許``, with ``A又はBのうちいずれか高い税率`` binding its last two."""
    for words in (_REFERENCE, _CONTENT, _SUGAR):
        if found := words.fullmatch(text):
            return _worded(found)
    chosen: Kind | None = None
    if found := _CHOICE.match(text):
        chosen, text = ("greater" if found["way"] == "高い" else "lesser"), found["body"]
    if chosen and not re.search(r"[~、]", text):
        return Duty(chosen, parts=tuple(_simple(part) for part in text.split("又は")))
    ends = re.split(r"[~、]", text)
    parts: list[Duty] = [_simple(end) for end in ends[:-1]]
    last = ends[-1].split("又は")
    if chosen:
        parts.append(Duty(chosen, parts=tuple(_simple(part) for part in last)))
    else:
        parts += [_simple(part) for part in last]
    if len(parts) == 1:
        return parts[0]
    return Duty("range", parts=tuple(parts), bracketed=all(p.bracketed or p.kind == "not_committed" for p in parts))


def _simple(text: str) -> Duty:
    if text == "非譲許":
        return Duty("not_committed", text=text)
    bracketed, bare = _unbracket(text)
    if bracketed and not re.search(r"課税価格", bare):
        return replace(_sum(bare), bracketed=True)
    return _sum(text)


def _worded(found: re.Match[str]) -> Duty:
    if found.re is _SUGAR:
        return Duty("specific", amount=float(found["amount"]), currency="JPY", unit="kg contained sugar")
    if found.re is _CONTENT:
        base = Duty("specific", amount=float(found["base"]), currency="JPY", unit="kg")
        named = f"{found['step']} JPY/kg for each 1 % of {found['what']} above {found['over']} %"
        return Duty("compound", parts=(base, Duty("component", reference=named)))
    return Duty(
        "difference",
        rate=-float(found["share"] or 1),
        factor=float(found["factor"] or 1),
        reference=found["name"],
        currency="JPY",
        unit="no" if found["head"] else "kg",
    )


def _sum(text: str) -> Duty:
    """Arithmetic on per cent, yen per unit and the customs value."""
    if text in ("無税", "免税"):
        return free(text)
    tokens = _tokens(text)
    value = _Sum(tokens).read()
    return value.duty(text)


def _tokens(text: str) -> list[tuple[str, str, str]]:
    out, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found or found.end() == at:
            raise _Unread(text)
        at = found.end()
        if found["number"]:
            out.append(("number", found["number"].replace(",", ""), ""))
        elif found["unit"]:
            out.append(("unit", _UNITS[found["name"]], (found["per"] or "1").replace(",", "")))
        elif found["value"]:
            out.append(("value", "", ""))
        else:
            out.append((found["sign"], "", ""))
    return [*out, ("end", "", "")]


@dataclass(frozen=True)
class _Value:
    """``plain`` + ``yen`` per ``per`` × ``unit`` + ``share`` of the customs value."""

    plain: Fraction = Fraction(0)
    yen: Fraction = Fraction(0)
    share: Fraction = Fraction(0)
    unit: str = ""
    per: str = "1"

    def add(self, other: _Value, sign: int) -> _Value:
        if self.unit and other.unit and (self.unit, self.per) != (other.unit, other.per):
            raise _Unread("two units")
        unit, per = (self.unit, self.per) if self.unit else (other.unit, other.per)
        return _Value(
            self.plain + sign * other.plain, self.yen + sign * other.yen, self.share + sign * other.share, unit, per
        )

    def times(self, factor: Fraction) -> _Value:
        return _Value(self.plain * factor, self.yen * factor, self.share * factor, self.unit, self.per)

    def duty(self, text: str) -> Duty:
        if self.plain or (self.yen and not self.unit):
            raise _Unread(text)
        amount, rate = float(self.yen), float(self.share)
        specific = Duty("specific", amount=amount, currency="JPY", unit=self.unit, per=float(self.per))
        if rate < 0:
            return replace(specific, kind="difference", rate=rate)
        if not self.yen:
            return Duty("ad_valorem", rate=rate) if self.share else free()
        return Duty("compound", parts=(Duty("ad_valorem", rate=rate), specific)) if self.share else specific


class _Sum:
    """Precedence: brackets, then × and /, then + and −. Units and per-cent signs bind to what stands before them."""

    def __init__(self, tokens: list[tuple[str, str, str]]) -> None:
        self.tokens, self.at = tokens, 0

    def take(self, *kinds: str) -> tuple[str, str, str] | None:
        if self.tokens[self.at][0] in kinds:
            self.at += 1
            return self.tokens[self.at - 1]
        return None

    def read(self) -> _Value:
        value = self.sum()
        if self.tokens[self.at][0] != "end":
            raise _Unread("rest")
        return value

    def sum(self) -> _Value:
        value = self.product()
        while sign := self.take("+", "-"):
            value = value.add(self.product(), 1 if sign[0] == "+" else -1)
        return value

    def product(self) -> _Value:
        value = self.measured()
        while sign := self.take("×", "/"):
            other = self.measured()
            if sign[0] == "/":
                if other.yen or other.share or not other.plain:
                    raise _Unread("division")
                value = value.times(1 / other.plain)
            elif not (other.yen or other.share):
                value = value.times(other.plain)
            elif not (value.yen or value.share):
                value = other.times(value.plain)
            else:
                raise _Unread("product")
        return value

    def measured(self) -> _Value:
        """A number, the customs value or brackets, with the sign or the unit behind it."""
        value = self.atom()
        while sign := self.take("%", "円", "万", "unit"):
            if sign[0] == "unit":
                value = replace(value, unit=sign[1], per=sign[2])
            elif sign[0] == "万":
                value = value.times(Fraction(10000))
            elif sign[0] == "%":
                value = _Value(share=value.plain / 100)
            else:
                value = _Value(yen=value.plain)
        return value

    def atom(self) -> _Value:
        if self.take("("):
            value = self.sum()
            if not self.take(")"):
                raise _Unread("bracket")
            return value
        if self.take("value"):
            return _Value(share=Fraction(1))
        if found := self.take("number"):
            return _Value(plain=Fraction(found[1]))
        raise _Unread("atom")
