"""The JSON of the main job: its schema ships, and the answers of all cases of the library keep it and more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from small_case import CASES, FEW, answered, assessed, write_case
from tradewinds.core.assumptions import assumptions
from tradewinds.core.sources import sources
from tradewinds.models.closure import CAPITAL, CLOSURES, DEFICITS, LABOUR
from tradewinds.report.answer import FIELDS, answer
from tradewinds.scenarios.run import assess
from tradewinds.scenarios.scenario import MEASURES, open_case

every_case = pytest.mark.parametrize("case", CASES)


@cache
def validator() -> Draft202012Validator:
    schema = json.loads(files("tradewinds.report").joinpath("answer.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def blocks(data: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every economy's figures in an answer: place, economy, figures."""
    yield from (("parties", code, row) for code, row in data["parties"].items())
    yield from (("economies", code, row) for code, row in data["economies"].items())
    for group in ("path", "closures"):
        for name, held in data[group].items():
            yield from ((f"{group}.{name}", code, row) for code, row in held.items())


def test_the_library_holds_the_four_cases() -> None:
    assert CASES == ("cjk", "ecfa-goods", "korus", "reciprocal-2025")


@every_case
def test_answer_keeps_the_schema(case: str) -> None:
    faults = [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(answered(case))]
    assert not faults


def test_schema_names_the_fields_and_measures_of_the_code() -> None:
    defs = validator().schema["$defs"]
    assert defs["field"]["enum"] == list(FIELDS)
    assert set(defs["figures"]["properties"]) == {"reasons", *FIELDS}
    assert defs["published"]["properties"]["measure"]["enum"] == list(MEASURES)
    assert set(defs["closure_name"]["enum"]) == set(CLOSURES)
    for rule, known in (("deficits", DEFICITS), ("labour", LABOUR), ("capital", CAPITAL)):
        assert set(defs["closure"]["properties"][rule]["enum"]) == set(known)


def drop(data: Any, *path: str) -> None:
    for step in path[:-1]:
        data = data[step]
    del data[path[-1]]


def put(data: Any, value: Any, *path: str) -> None:
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = value


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: drop(d, "parties"),
        lambda d: put(d, 1, "more"),
        lambda d: put(d, None, "parties", "TWN", "exports_pct"),  # null without a reason
        lambda d: put(d, "why", "parties", "TWN", "reasons", "exports_pct"),  # a reason without null
        lambda d: drop(d, "parties", "TWN", "reasons", "investment_pct"),
        lambda d: put(d, "0.1", "parties", "TWN", "exports_pct", "value"),
        lambda d: drop(d, "parties", "TWN", "exports_pct", "low"),
        lambda d: put(d, d["parties"]["TWN"], "parties", "Taiwan"),
        lambda d: put(d, d["path"]["2041"], "path", "41"),
        lambda d: put(d, "diverged", "status"),
        lambda d: put(d, ["A-1"], "assumptions"),
        lambda d: put(d, 0.5, "sectors", "TWN", "C26", "prices_pct"),
        lambda d: drop(d, "closures", "headline"),
    ],
)
def test_schema_refuses_what_is_not_an_answer(spoil: Any) -> None:
    data = deepcopy(answered("ecfa-goods"))
    spoil(data)
    assert not validator().is_valid(data)


@every_case
def test_null_has_a_reason_and_only_null_has(case: str) -> None:
    for place, code, row in blocks(answered(case)):
        assert {f for f in FIELDS if row[f] is None} == set(row["reasons"]), (place, code)
        assert all(len(reason) > 10 for reason in row["reasons"].values())


@every_case
def test_ranges_are_ranges(case: str) -> None:
    for place, code, row in blocks(answered(case)):
        for field in FIELDS:
            if row[field] is not None:
                assert row[field]["low"] <= row[field]["high"], (place, code, field)


@every_case
def test_figures_that_must_agree_agree(case: str) -> None:
    data = answered(case)
    last = str(data["years"][-1])
    assert data["parties"] == data["path"][last] == data["closures"]["headline"]
    assert [int(year) for year in data["path"]] == data["years"] == sorted(data["years"])
    assert data["parties"] == {code: data["economies"][code] for code in data["parties"]}
    assert set(data["closures"]) == set(data["closure_rules"]) == set(CLOSURES)
    assert data["closure"] == data["closure_rules"]["headline"]
    scenario = assessed(case).case.scenario
    assert list(data["parties"]) == list(dict.fromkeys([scenario.me, *scenario.parties, *scenario.rivals]))
    of_headline = data["variants"][scenario.headline]
    for code, row in data["parties"].items():
        for field, value in of_headline[code].items():
            assert value == row[field]["value"]


@every_case
def test_converged_and_how_well(case: str) -> None:
    data = answered(case)
    assert data["status"] == "converged"
    # The engine stops at 2e-11 on every step; what Walras' law adds up to stays within five times that.
    assert 0 < data["residual"] < 1e-10
    assert max(data["residuals"].values()) <= data["residual"]
    assert data["draws"] == {"count": FEW, "failed": 0, "elsewhere": FEW, "seed": 2022}


@every_case
def test_sources_and_assumptions_are_registered(case: str) -> None:
    data = answered(case)
    assert set(data["sources"]) <= set(sources())
    assert {"oecd-icio-2025", "teti-gtd", "elasticities-icio28"} <= set(data["sources"])
    assert {row["source"] for row in data["published"]} <= set(data["sources"])
    assert {text.partition(" = ")[0] for text in data["assumptions"]} <= set(assumptions())
    assert {"A-001", "A-004", "A-005", "A-006"} <= set(data["assumptions"])  # long run and draws lean on them


@every_case
def test_what_a_closure_fixes_is_null_and_what_it_frees_is_not(case: str) -> None:
    closures = answered(case)["closures"]
    for name, rules in answered(case)["closure_rules"].items():
        labour, capital = rules["labour"] == "fixed", rules["capital"] == "fixed"
        absent = {"investment_pct"} if capital else set()
        absent |= {"employment_pct"} if labour else set()
        absent |= set() if labour and capital else {"welfare_first_order_pct"}
        for code, row in closures[name].items():
            assert {f for f in FIELDS if row[f] is None} == absent, (name, code)
    me = answered(case)["me"]
    for field in ("investment_pct", "employment_pct"):
        assert closures["long_run"][me][field]["value"] != 0


@every_case
def test_markets_are_shares(case: str) -> None:
    for importer, suppliers in answered(case)["markets"].items():
        assert importer not in {row["supplier"] for row in suppliers}
        for key in ("share_before_pct", "share_after_pct"):
            shares = [row[key] for row in suppliers]
            assert all(share > 0 for share in shares)
            assert sum(shares) <= 100
        assert all(row["duty_before_pct"] >= 0 and row["duty_after_pct"] >= 0 for row in suppliers)


@every_case
def test_json_has_no_nan_and_survives_the_round_trip(case: str) -> None:
    text = json.dumps(answered(case), allow_nan=False, ensure_ascii=False)
    assert json.loads(text) == answered(case)


@every_case
def test_decomposition_adds_up(case: str) -> None:
    data = answered(case)
    scenario = assessed(case).case.scenario
    held = {k: v for k, v in data["decomposition"].items() if k != "steps"}
    assert set(held) == {scenario.me, *scenario.parties}
    for code, row in held.items():
        parts = row["terms_of_trade_pct"] + row["volume_pct"]
        assert parts - row["gap_pct"] == pytest.approx(row["exact_pct"])
        exact = 100 * np.log1p(data["parties"][code]["welfare_exact_pct"]["value"] / 100)
        assert row["exact_pct"] == pytest.approx(exact, abs=1e-9)
        # The trapezoid rule errs with 1/steps²: ten steps leave about a hundredth of what one step would get wrong.
        assert abs(row["gap_pct"]) < 1e-2 * (abs(row["terms_of_trade_pct"]) + abs(row["volume_pct"]))


def test_published_figures_stand_beside_ours() -> None:
    data = answered("ecfa-goods")
    assert {row["measure"]: row["published"] for row in data["published"]} == {
        "real_gdp_pct": 1.63,
        "output_pct": 3.14,
        "exports_pct": 5.34,
        "imports_pct": 7.39,
        "investment_pct": 3.47,
        "employment_pct": 2.30,
    }
    for row in data["published"]:
        assert set(row["ours"]) == {"headline", "long_run"}
        assert row["ours"]["long_run"] == data["closures"]["long_run"]["TWN"][row["measure"]]
        assert row["ours"]["long_run"] is not None


def test_sensitivity_tells_every_published_set() -> None:
    data = answered("ecfa-goods")
    assert list(data["sensitivity"]) == list(assessed("ecfa-goods").draws.names)
    assert len(data["sensitivity"]) == FEW
    values = [by["TWN"]["welfare_exact_pct"] for by in data["sensitivity"].values()]
    figure = data["parties"]["TWN"]["welfare_exact_pct"]
    low, high = np.percentile(values, [5, 95])
    assert (figure["low"], figure["high"]) == pytest.approx((low, high))  # the draws are the sets and no more


def test_the_other_language_changes_words_and_no_number() -> None:
    english, chinese = answered("ecfa-goods"), answer(assessed("ecfa-goods"), "zh-Hant")
    assert validator().is_valid(chinese)
    assert chinese["title"] != english["title"]
    reasons = chinese["parties"]["TWN"]["reasons"]
    assert set(reasons) == set(english["parties"]["TWN"]["reasons"])
    assert reasons["investment_pct"] != english["parties"]["TWN"]["reasons"]["investment_pct"]
    assert chinese["sectors"] == english["sectors"] and chinese["stamp"] == english["stamp"]


def test_a_case_of_ones_own_keeps_the_schema_too(tmp_path: Any) -> None:
    """On a world without published sets, with a shock that is no duty, an override, and no figure to compare."""
    path = write_case(tmp_path)
    text = (tmp_path / "small.toml").read_text("utf-8")
    text = text.replace('variable = "tariff_rate"', 'variable = "trade_cost_hat"').replace(
        "add = 0.05", "multiply = 1.1"
    )
    text = text[: text.index("[[published]]")] + "[assume]\nlabour_supply = 0.25\n"
    (tmp_path / "small.toml").write_text(text, "utf-8")
    data = answer(assess(open_case(path), draws=3))
    faults = [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(data)]
    assert not faults
    assert data["decomposition"] == {} and data["published"] == []
    assert "A-004 = 0.25" in data["assumptions"]
    assert data["stamp"]["case"] == "small"


def test_jobs_are_the_employment_change_on_the_stated_base() -> None:
    """S4 counts on the labour force of 2013; a closure that fixes labour has no jobs to tell."""
    held = answered("ecfa-goods")
    assert set(held["jobs"]) == {"long_run", "unemployment", "real_wage"}
    row = held["jobs"]["long_run"]["TWN"]
    share = held["closures"]["long_run"]["TWN"]["employment_pct"]["value"]
    assert row["base_persons"] == 10_965_000 and row["base_year"] == 2013
    assert row["value"] == pytest.approx(share / 100 * 10_965_000, rel=1e-12)
    assert answered("cjk")["jobs"] == {}
