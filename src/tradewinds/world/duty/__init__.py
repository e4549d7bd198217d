"""The duty language: from the words of a tariff to a :class:`Duty`, back to words, and to an ad valorem equivalent.

>>> parse_duty("12,8 + 176,8 EUR/100 kg/net", dialect="eu").kind
'compound'
>>> render_duty(parse_duty("21.3%又は17円/kgのうちいずれか高い税率", dialect="japan"))
'greater of (21.3%; 17 JPY/kg)'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from tradewinds.core.errors import unknown_label
from tradewinds.world.duty.canonical import parse_canonical, render_duty
from tradewinds.world.duty.dialects import parse_china, parse_eu, parse_number, parse_us
from tradewinds.world.duty.japan import parse_japan
from tradewinds.world.duty.terms import KINDS, UNITS, Condition, Duty, free, not_understood, summary
from tradewinds.world.duty.value import Equivalent, ad_valorem_equivalent

__all__ = [
    "DIALECTS",
    "KINDS",
    "UNITS",
    "Condition",
    "Duty",
    "Equivalent",
    "ad_valorem_equivalent",
    "free",
    "not_understood",
    "parse_duty",
    "render_duty",
    "summary",
]

#: Ways of writing a duty. A bare number is per cent in national dialects; ``generic`` wants the sign.
DIALECTS: Mapping[str, Callable[[str], Duty]] = {
    "china": parse_china,
    "japan": parse_japan,
    "eu": parse_eu,
    "us": parse_us,
    "korea": parse_number,
    "vietnam": parse_number,
    "generic": parse_canonical,
}


@lru_cache(maxsize=65536)
def parse_duty(text: str, *, dialect: str) -> Duty:
    """The duty that ``text`` states in a :data:`DIALECTS`; what is not understood comes back as ``kind="text"``.

    Never zero by default: a blank text is not a duty and comes back not understood. LabelError for an unknown dialect.
    """
    if dialect not in DIALECTS:
        raise unknown_label(dialect, DIALECTS, where="duty", kind="dialect")
    if not text.strip():
        return not_understood(text)
    return DIALECTS[dialect](text)
