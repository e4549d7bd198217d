"""The look-up on the tariffs inside: real lines, real dates."""

from __future__ import annotations

import datetime as dt

import pytest

from tradewinds.agreements.lookup import Shipment, lookup
from tradewinds.core.errors import InputError, LabelError
from tradewinds.world.lines import Lines
from tradewinds.world.lines.tariffs import open_lines


@pytest.fixture(scope="module")
def china() -> list[Lines]:
    return [open_lines("china-2026")]


@pytest.fixture(scope="module")
def japan() -> list[Lines]:
    return [open_lines("japan-2025-06"), open_lines("japan-2026-04")]


def test_the_early_harvest_beats_mfn(china: list[Lines]) -> None:
    """Window regulators of cars, 8708 29 30: MFN 6 %, ECFA free, Korea 2 %."""
    day = dt.date(2026, 3, 1)
    [taiwan] = lookup("8708293000", china, importer="CHN", exporter="TWN", on=day)
    assert taiwan.best is not None and (taiwan.best.regime, taiwan.best.rate) == ("ecfa", 0.0)
    assert taiwan.standing is not None and taiwan.standing.rate == pytest.approx(0.06)
    [korea] = lookup("8708293000", china, importer="CHN", exporter="KOR", on=day)
    assert [c.regime for c in korea.claims] == ["chn-kor", "apta", "mfn"]
    assert korea.best is not None and korea.best.rate == pytest.approx(0.02)
    [america] = lookup("8708293000", china, importer="CHN", exporter="USA", on=day)
    assert [c.regime for c in america.claims] == ["mfn"]


def test_traditional_characters_find_simplified_words(china: list[Lines]) -> None:
    day = dt.date(2026, 3, 1)
    found = lookup("車窗", china, importer="CHN", exporter="TWN", on=day)
    assert found and any("车窗" in a.description for a in found)


def test_landed_cost_adds_duty_then_value_added_tax(china: list[Lines]) -> None:
    [answer] = lookup(
        "8708293000", china, importer="CHN", exporter="KOR", on=dt.date(2026, 3, 1), shipment=Shipment(10_000)
    )
    assert answer.landed is not None
    assert (answer.landed.duty, answer.landed.vat) == pytest.approx((200.0, 0.13 * 10_200))
    assert answer.landed.total == pytest.approx(10_200 * 1.13)


def test_beef_falls_on_the_first_of_april(japan: list[Lines]) -> None:
    """CPTPP beef: 21.6 % in Japan's tariff year 2025, 20.8 % from 2026-04-01."""
    day = dt.date(2025, 8, 1)
    answer = lookup("020130010", japan, importer="JPN", exporter="AUS", on=day)[0]
    assert answer.best is not None and answer.best.rate == pytest.approx(0.216)
    assert answer.next_change == (dt.date(2026, 4, 1), "20.8%")
    later = lookup("020130010", japan, importer="JPN", exporter="AUS", on=dt.date(2026, 5, 1))[0]
    assert later.best is not None and later.best.rate == pytest.approx(0.208) and later.next_change is None


def test_a_duty_by_weight_is_not_guessed(japan: list[Lines]) -> None:
    """Milled rice, 49 yen a kilogram: a share of the value only where value and weight are given."""
    day = dt.date(2026, 5, 1)
    answer = next(a for a in lookup("100630090", japan, importer="JPN", exporter="TWN", on=day))
    assert answer.best is None and "not_compared" in answer.flags
    told = Shipment(value=98_000, quantity=1_000, unit="kg", currency="JPY")
    answer = next(a for a in lookup("100630090", japan, importer="JPN", exporter="TWN", on=day, shipment=told))
    assert answer.best is not None and answer.best.rate == pytest.approx(0.5)
    assert answer.best.grade == "imputed"


def test_what_is_not_held_is_refused(china: list[Lines]) -> None:
    with pytest.raises(InputError, match="no tariff of CHN on 2021-03-01"):
        lookup("8708", china, importer="CHN", exporter="TWN", on=dt.date(2021, 3, 1))
    with pytest.raises(LabelError, match="unknown importer `CHM`"):
        lookup("8708", china, importer="CHM", exporter="TWN", on=dt.date(2026, 3, 1))
    with pytest.raises(InputError, match="no line starts with 9999"):
        lookup("9999", china, importer="CHN", exporter="TWN", on=dt.date(2026, 3, 1))
    with pytest.raises(InputError, match="nothing found"):
        lookup("qqqq", china, importer="CHN", exporter="TWN", on=dt.date(2026, 3, 1))
