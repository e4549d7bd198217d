"""The duty language: worked cases of every dialect, the round trip, and equivalents."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewinds.core.errors import InputError, LabelError
from tradewinds.world.duty import (
    DIALECTS,
    UNITS,
    Condition,
    Duty,
    ad_valorem_equivalent,
    free,
    parse_duty,
    render_duty,
    summary,
)
from tradewinds.world.duty.dialects import split_spilled
from tradewinds.world.duty.japan import seasonal
from tradewinds.world.duty.value import in_season

CASES = {
    "china": [
        ("0", "Free"),
        ("6.5", "6.5%"),
        ("9元/千克", "9 CNY/kg"),
        ("0元/平 方米", "Free"),
        ("3.0%+2389.5元", "3% + 2389.5 CNY/no"),
        ("关税 配额 税 率： 15", 'when in_quota "关税配额": 15%'),
        (
            "完税价不高于9元/千克：10%，完税价高于9元/千克：0%+0.9元/千克。",
            "when value_upto 9 CNY/kg: 10% | when value_over 9 CNY/kg: 0.9 CNY/kg",
        ),
        (
            "计税价 格≤ 5000美 元/台： 14%；计 税价格 >5000美 元/台： 1.2%+ 5184元/ 台",
            "when value_upto 5000 USD/no: 14% | when value_over 5000 USD/no: 1.2% + 5184 CNY/no",
        ),
        ("从价税10%或5元/千克从高计征", None),
    ],
    "japan": [
        ("無税", "Free"),
        ("免税", "Free"),
        ("(9.6%)", "9.6%"),
        ("61.9円/kg＋2％", "2% + 61.9 JPY/kg"),
        ("21.3%又は17円/kgのうちいずれか高い税率", "greater of (21.3%; 17 JPY/kg)"),
        ("(482円/kg−課税価格)", "difference (482 JPY/kg - 100% of value)"),
        ("（20,400.55円×1.042-課税価格）/頭", "difference (21257.3731 JPY/no - 100% of value)"),
        ("((73.70円-課税価格)×1/16)/kg", "difference (4.60625 JPY/kg - 6.25% of value)"),
        ("(577.15円/kg-課税価格/kg×0.6)", "difference (577.15 JPY/kg - 60% of value)"),
        ("8.5%＋290.70円/1,000本", "8.5% + 290.7 JPY/1000 no"),
        ("170万円/頭", "1700000 JPY/no"),
        ("5.6%又は4.4%＋1.52円/㎡のうちいずれか高い税率", "greater of (5.6%; 4.4% + 1.52 JPY/m2)"),
        ("●無税〜(6.5%)", "one of (Free; 6.5%)"),
        ("無税〜(2.7%)又は非譲許", "one of (Free; 2.7%; not committed)"),
        ("（一部8.4%〜10.5%)", 'when part "一部": one of (8.4%; 10.5%)'),
        (
            "9.3%又は7.19円/kgのうちいずれか高い税率（ただしその税率が50%を上回る場合は50%とする）",
            "lesser of (greater of (9.3%; 7.19 JPY/kg); 50%)",
        ),
        (
            "21.3%又は156.80円/lのうちいずれか低い税率\nただしその税率が93円/lを下回る場合は93円/l",
            "greater of (lesser of (21.3%; 156.8 JPY/l); 93 JPY/l)",
        ),
        (
            "関税割当数量以内のもの　無税\n関税割当数量以外のもの　※1%",
            'when in_quota "関税割当数量以内のもの": Free | when out_of_quota "関税割当数量以外のもの": 1%',
        ),
        (
            "毎年12月1日から翌年5月31日までに輸入されるもの　無税",
            'when season 12-01..05-31 "毎年12月1日から翌年5月31日までに輸入されるもの": Free',
        ),
        ("（カナダに対する待遇）　3%", 'when party "(カナダに対する待遇)": 3%'),
        (
            "1キログラムにつき豚肉加工品に係る基準輸入価格に1.5を乗じて得た額と課税価格に0.6を乗じて得た額との差額",
            'difference (1.5 x "豚肉加工品に係る基準輸入価格" JPY/kg - 60% of value)',
        ),
        (
            "1キログラムにつき、70円に重量比による乳糖の含有率が10%を超える1%ごとに7円を加えた額",
            '70 JPY/kg + component "7 JPY/kg for each 1 % of 乳糖 above 10 %"',
        ),
        ("原産品に含まれる砂糖の重量1キログラムにつき21.50円", "21.5 JPY/kg contained sugar"),
        ("◆3", None),
        ("別に定める率", None),
    ],
    "eu": [
        ("12,8 + 176,8 EUR/100 kg/net", "12.8% + 176.8 EUR/100 kg"),
        ("13.6 MIN 1.6 EUR/100 kg", "greater of (13.6%; 1.6 EUR/100 kg)"),
        ("9 + EA MAX 18.7 +ADSZ", 'lesser of (9% + component "EA"; 18.7% + component "AD S/Z")'),
        ("22.4 + 131 EUR/hl + 20.6 EUR/100 kg", "22.4% + 131 EUR/hl + 20.6 EUR/100 kg"),
        ("17.3 MIN 1 EUR/% vol/hl", "greater of (17.3%; 1 EUR/% vol·hl)"),
        ("12 MIN 2 EUR/100 kg/br", "greater of (12%; 2 EUR/100 kg gross)"),
        ("Entry Prices", "entry price"),
        ("0 + EA", 'component "EA"'),
        ("4.5 MIN 0.3 EUR/p/st MAX", None),
        ("22.4 + 131 EUR/hl + 20.6", None),
        ("1.3 EUR/% vol/hl MIN 7.2", None),
        ("0.4 EUR/100", None),
        ("8906, 0", None),
    ],
    "us": [
        ("Free", "Free"),
        ("4.4 cents/kg", "0.044 USD/kg"),
        ("1¢/kg + 10%", "0.01 USD/kg + 10%"),
        ("$0.724/kg + 10.4%", "0.724 USD/kg + 10.4%"),
        ("0.9 cents each", "0.009 USD/no"),
        ("68 cents/head", "0.68 USD/no"),
        ("frog", None),
    ],
    "korea": [("8", "8%"), ("0.0", "Free"), ("27% or 1,625won/kg", "greater of (27%; 1625 KRW/kg)"), ("x", None)],
    "vietnam": [("20.0", "20%"), ("CKD", 'component "CKD"')],
    "generic": [("5%", "5%"), ("free", "Free"), ("5", None), ("12.5 EUR/100 kg", "12.5 EUR/100 kg"), ("-5%", None)],
}


@pytest.mark.parametrize(
    ("dialect", "text", "canonical"), [(d, text, canonical) for d, rows in CASES.items() for text, canonical in rows]
)
def test_worked_cases(dialect: str, text: str, canonical: str | None) -> None:
    duty = parse_duty(text, dialect=dialect)
    if canonical is None:
        assert not duty.understood and render_duty(duty) == text
    else:
        assert duty.understood and render_duty(duty) == canonical
        assert parse_duty(canonical, dialect="generic") == duty
    assert duty.text == text


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", ["", "   ", "see note 7", "5 % of nothing at all", "%", "((", "１２"])
def test_what_is_not_understood_is_kept_and_never_nought(dialect: str, text: str) -> None:
    duty = parse_duty(text, dialect=dialect)
    if not duty.understood:
        assert duty.text == text and summary(duty)[:2] == (None, None)
    else:
        assert duty.rate != 0


def test_unknown_dialect() -> None:
    with pytest.raises(LabelError, match="did you mean `japan`"):
        parse_duty("5%", dialect="japn")


def test_brackets_and_marks_are_kept() -> None:
    duty = parse_duty("**(85.7%又は60.90円/kgのうちいずれか高い税率)", dialect="japan")
    assert duty.bracketed and duty.marks == ("**",)
    assert parse_duty("◎無税 ◆2", dialect="japan").marks == ("◎", "◆2")
    assert not parse_duty("●2.5%〜(4.8%)", dialect="japan").bracketed
    assert not parse_duty("(490円−課税価格)/kg", dialect="japan").bracketed


def test_summary_of_one_rate_and_one_amount() -> None:
    assert summary(parse_duty("12.8 + 176.8 EUR/100 kg", dialect="eu")) == (0.128, 176.8, "EUR", "kg", 100.0)
    assert summary(parse_duty("13.6 MIN 1.6 EUR/100 kg", dialect="eu"))[:2] == (None, None)


@pytest.mark.parametrize(
    ("cell", "parted"),
    [
        ("39 % or more but 9 + EA", ("39 % or more but", "9 + EA")),
        ("87.03 20", ("87.03", "20")),
        ("30 per 100 kg net 33.6 + 20.6 EUR/100 kg", ("30 per 100 kg net", "33.6 + 20.6 EUR/100 kg")),
        ("22.4 + 131 EUR/hl + 20.6", ("", "22.4 + 131 EUR/hl + 20.6")),
        ("6.5", ("", "6.5")),
    ],
)
def test_a_description_that_ran_into_the_rate(cell: str, parted: tuple[str, str]) -> None:
    assert split_spilled(cell) == parted


# ---- round trip --------------------------------------------------------------------------------------------------

digits = st.decimals(min_value="0.0001", max_value="99999", places=4, allow_nan=False).map(float)
shares = st.decimals(min_value="0.001", max_value="300", places=3, allow_nan=False).map(lambda d: float(d / 100))
money = st.sampled_from(["EUR", "JPY", "CNY", "USD", "TWD"])
units = st.sampled_from([*UNITS, "kg gross", "% vol·hl", "kg contained sugar"])
words = st.text(st.characters(categories=("L", "N", "P", "Zs", "S"), exclude_characters="\n"), min_size=1, max_size=12)
leaves = st.one_of(
    st.just(free()),
    st.builds(Duty, st.just("ad_valorem"), rate=shares),
    st.builds(
        Duty, st.just("specific"), amount=digits, currency=money, unit=units, per=st.sampled_from([1.0, 100.0, 0.5])
    ),
    st.builds(
        Duty, st.just("difference"), amount=digits, rate=shares.map(lambda s: -s), currency=money, unit=units
    ),
    st.builds(
        Duty, st.just("difference"), rate=shares.map(lambda s: -s), factor=digits, reference=words, currency=money,
        unit=units,
    ),
    st.builds(Duty, st.sampled_from(["component", "entry_price"]), reference=words),
    st.builds(Duty, st.sampled_from(["not_committed", "suspended"])),
)  # fmt: skip
conditions = st.one_of(
    st.builds(Condition, st.sampled_from(["in_quota", "out_of_quota", "party", "product", "part"]), text=words),
    st.builds(Condition, st.just("season"), start=st.just("11-01"), end=st.just("02-29")),
    st.builds(Condition, st.sampled_from(["value_upto", "value_over"]), amount=digits, currency=money, unit=units),
)


def grown(inner: st.SearchStrategy[Duty]) -> st.SearchStrategy[Duty]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Duty, st.sampled_from(["greater", "lesser", "range", "compound"]), parts=several),
        st.lists(st.tuples(inner.filter(lambda d: d.kind != "pieces"), conditions), min_size=1, max_size=3).map(
            lambda rows: Duty("pieces", parts=tuple(when_(d, c) for d, c in rows))
        ),
    )


def when_(duty: Duty, when: Condition) -> Duty:
    from dataclasses import replace

    return replace(duty, when=when)


@settings(max_examples=300, deadline=None)
@given(st.recursive(leaves, grown, max_leaves=8))
def test_what_is_rendered_is_read_back(duty: Duty) -> None:
    assert parse_duty(render_duty(duty), dialect="generic") == duty


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(DIALECTS)), st.text(max_size=40))
def test_no_text_breaks_a_dialect(dialect: str, text: str) -> None:
    duty = parse_duty(text, dialect=dialect)
    assert duty.text == text
    assert not duty.understood or parse_duty(render_duty(duty), dialect="generic") == duty


# ---- equivalents -------------------------------------------------------------------------------------------------


def japan(text: str) -> Duty:
    return parse_duty(text, dialect="japan")


def test_a_share_needs_no_unit_value_and_is_measured() -> None:
    found = ad_valorem_equivalent(japan("4.6%"))
    assert (found.rate, found.grade, found.unit_value) == (0.046, "measured", None)


@pytest.mark.parametrize(
    ("text", "unit_value", "unit", "expect"),
    [
        ("17円/kg", 170.0, "kg", 0.10),
        ("17円/kg", 170_000.0, "t", 0.10),
        ("21.3%又は17円/kgのうちいずれか高い税率", 50.0, "kg", 0.34),
        ("21.3%又は17円/kgのうちいずれか低い税率", 50.0, "kg", 0.213),
        ("35%＋799円/kg", 1598.0, "kg", 0.85),
        ("(482円/kg−課税価格)", 241.0, "kg", 1.0),
        ("(482円/kg−課税価格)", 600.0, "kg", 0.0),
        ("8.5%＋290.70円/1,000本", 2.907, "no", 0.185),
    ],
)
def test_equivalents(text: str, unit_value: float, unit: str, expect: float) -> None:
    found = ad_valorem_equivalent(japan(text), unit_value=unit_value, unit=unit, currency="JPY")
    assert found.rate == pytest.approx(expect) and found.grade == "imputed"


def test_pieces_are_decided_by_value_quota_and_season() -> None:
    rubber = parse_duty("完税价不高于9元/千克：10%，完税价高于9元/千克：0%+0.9元/千克。", dialect="china")
    cheap, dear = (ad_valorem_equivalent(rubber, unit_value=v, unit="kg", currency="CNY") for v in (9.0, 18.0))
    assert (cheap.rate, dear.rate) == (0.10, pytest.approx(0.05))
    quota = japan("関税割当数量以内のもの　無税\n関税割当数量以外のもの　23.8%")
    assert ad_valorem_equivalent(quota, in_quota=True).rate == 0
    assert ad_valorem_equivalent(quota, in_quota=False).rate == 0.238
    season = japan("毎年4月1日から同年7月31日までに輸入されるもの　4%")
    assert ad_valorem_equivalent(season, on=dt.date(2026, 5, 1)).rate == 0.04
    assert ad_valorem_equivalent(japan("●無税〜5%"), end="high").rate == 0.05


@pytest.mark.parametrize(
    ("text", "given", "said"),
    [
        ("17円/kg", {}, "no unit value"),
        ("17円/kg", {"unit_value": 3.0, "unit": "kg", "currency": "USD"}, "unit value in `USD`"),
        ("17円/kg", {"unit_value": 3.0, "unit": "l", "currency": "JPY"}, "unit value per `l`"),
        ("17円/kg", {"unit_value": -3.0, "unit": "kg", "currency": "JPY"}, "unit value -3"),
        ("17円/kg", {"unit_value": float("nan"), "unit": "kg", "currency": "JPY"}, "unit value nan"),
        ("関税割当数量以内のもの　無税\n関税割当数量以外のもの　23.8%", {}, "2 pieces"),
        ("毎年4月1日から同年7月31日までに輸入されるもの　4%", {"on": dt.date(2026, 8, 1)}, "0 pieces"),
        ("●無税〜5%", {}, "several rates"),
        ("◆3", {}, "not understood"),
        ("1キログラムにつき枝肉に係る基準輸入価格と課税価格との差額", {}, "set elsewhere"),
    ],
)
def test_nothing_is_made_up(text: str, given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        ad_valorem_equivalent(japan(text), **given)  # type: ignore[arg-type]


def test_seasons() -> None:
    assert in_season(dt.date(2026, 2, 28), "11-01", "02-29") and not in_season(dt.date(2026, 3, 1), "11-01", "02-29")
    assert seasonal("ぶどう > 2 毎年11月1日から翌年2月末日までに輸入されるもの") == ("11-01", "02-29")
    assert seasonal("ぶどう") is None
