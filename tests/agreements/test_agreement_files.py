"""Agreement files: the library's are in order, and a spoilt one is refused with place, rule and near miss."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from small_case import AGREEMENT, agreement_table
from tradewinds.agreements.agreement import (
    Agreement,
    library,
    open_agreement,
    parse_agreement,
    read_agreement,
)
from tradewinds.agreements.bridge import change_of
from tradewinds.core.errors import Faults, InputError, LabelError
from tradewinds.core.language import LANGUAGES
from tradewinds.world.store import open_world

Spoil = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize("name", library())
def test_library_file_is_in_order(name: str) -> None:
    agreement = open_agreement(name)
    assert agreement.id == name
    assert agreement.mapped_by
    assert agreement.goods or agreement.withdraw
    for words in (agreement.title, *agreement.not_modelled):
        assert set(words) == set(LANGUAGES)
        assert words["en"] != words["zh-Hant"]
    assert all(row.because for row in (*agreement.goods, *agreement.withdraw))
    assert agreement.last_step() >= agreement.in_force.year


@pytest.mark.parametrize("name", library())
def test_library_file_survives_the_round_trip(name: str) -> None:
    agreement = open_agreement(name)
    assert parse_agreement(agreement.model_dump(by_alias=True), where=name) == agreement


@pytest.mark.parametrize("name", library())
def test_library_file_fits_the_world(name: str) -> None:
    agreement, world = open_agreement(name), open_world("world-2022")
    assert "tariff_new" in change_of(agreement, world, agreement.last_step())


def test_every_pair_of_the_trilateral_gives_what_its_bilateral_gives() -> None:
    """The three bilaterals and the trilateral differ in who signs, not in what is given."""
    trilateral = open_agreement("cjk-trilateral")

    def given(agreement: Agreement) -> set[tuple[str, str, tuple[str, ...], float, str]]:
        return {(r.grantor, b, tuple(r.sectors), r.share, r.basket) for r in agreement.goods for b in r.beneficiary}

    bilaterals = [given(open_agreement(name)) for name in ("chn-kor", "jpn-kor", "chn-jpn")]
    assert given(trilateral) == set.union(*bilaterals)


def test_text_in_one_language_stands_for_all() -> None:
    table = agreement_table()
    table["title"] = "Plain"
    table["not_modelled"] = [{"zh-Hant": "只有中文"}]
    agreement = parse_agreement(table, where="t")
    assert agreement.title == {"en": "Plain", "zh-Hant": "Plain"}
    assert agreement.not_modelled == [{"en": "只有中文", "zh-Hant": "只有中文"}]


def put(key: str, value: Any) -> Spoil:
    return lambda table: table.__setitem__(key, value)


def in_row(key: str, value: Any) -> Spoil:
    return lambda table: table["goods"][0].__setitem__(key, value)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (in_row("baskett", "B"), ["unknown key `baskett`", "goods.1", "did you mean `basket`"]),
        (put("partys", []), ["unknown key `partys`", "top level", "did you mean `parties`"]),
        (in_row("basket", "F"), ["unknown basket `F`", "A, B, C, D, E"]),
        (in_row("basket", "EH-mainlnd"), ["unknown basket `EH-mainlnd`", "did you mean `EH-mainland`"]),
        (put("in_force", "2027-13-01"), ["in_force", "2027-13-01", "date"]),
        (put("in_force", "soon"), ["in_force", "soon"]),
        (in_row("grantor", "CAM"), ["unknown party `CAM`", "did you mean `CAN`"]),
        (in_row("beneficiary", ["NRO"]), ["unknown party `NRO`", "did you mean `NOR`"]),
        (in_row("grantor", "Canada"), ["goods.1.grantor", "Canada"]),
        (lambda t: t.pop("in_force"), ["`in_force` is missing"]),
        (lambda t: t["goods"][1].pop("because"), ["`because` is missing", "goods.2"]),
        (in_row("share", 1.2), ["goods.1.share", "1.2", "less than or equal to 1"]),
        (in_row("share", -0.1), ["goods.1.share", "greater than or equal to 0"]),
        (in_row("share", float("nan")), ["goods.1.share"]),
        (put("status", "dreamt"), ["status", "dreamt", "'hypothetical'"]),
        (put("schema", "agreement/2"), ["schema", "agreement/2", "agreement/1"]),
        (put("parties", ["CAN"]), ["parties", "at least 2"]),
        (in_row("beneficiary", []), ["goods.1.beneficiary", "at least 1"]),
        (in_row("chapters", ["1-3"]), ["goods.1.chapters.1", "1-3"]),
        (put("title", {"fr": "Titre"}), ["title", "fr", "en, zh-Hant"]),
        (put("staging", {"X": {"kind": "bands"}}), ["staging.X", "bands"]),
        (
            put("staging", {"X": {"kind": "bands", "bands": [{"over": 0.5, "upto": 0.1, "steps": [0.0]}]}}),
            ["staging.X", "upto"],
        ),
        (
            put("staging", {"X": {"kind": "bands", "bands": [{"over": 0, "upto": 1, "steps": [-0.1]}]}}),
            ["staging.X.bands.1.steps.1", "greater than or equal to 0"],
        ),
        (put("staging", {"X": {"years": 0}}), ["staging.X.years"]),
        (put("utilisation", {"value": 1.1, "because": "x"}), ["utilisation.value"]),
    ],
)
def test_one_fault_is_refused_with_place_and_rule(spoil: Spoil, says: list[str]) -> None:
    table = agreement_table()
    spoil(table)
    with pytest.raises(InputError) as caught:
        parse_agreement(table, where="draft.toml")
    text = str(caught.value)
    assert caught.value.exit_code == 2
    assert "draft.toml" in text or "can-nor" in text
    for words in says:
        assert words in text


def test_two_faults_are_told_at_once() -> None:
    table = agreement_table()
    table["goods"][0]["share"] = 2
    table["titel"] = table.pop("title")
    with pytest.raises(Faults) as caught:
        parse_agreement(table, where="draft.toml")
    assert len(caught.value.faults) == 3  # the share, the unknown key, and the title that is missing
    assert "titel" in str(caught.value) and "goods.1.share" in str(caught.value)


def test_two_wrong_names_are_told_at_once() -> None:
    table = agreement_table()
    table["goods"][0]["basket"] = "Z"
    table["goods"][1]["grantor"] = "GBR"
    with pytest.raises(Faults) as caught:
        parse_agreement(table, where="draft.toml")
    assert [type(f) for f in caught.value.faults] == [LabelError, LabelError]


def test_own_staging_class_comes_before_the_five_baskets() -> None:
    table = agreement_table()
    table["staging"] = {"B": {"years": 2}}
    agreement = parse_agreement(table, where="t")
    assert agreement.class_of("B").years == 2
    assert agreement.last_step() == agreement.in_force.year + 9  # basket C of the last row


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (AGREEMENT.encode()[: AGREEMENT.index('"CAN", "NOR"') + 6], "not TOML"),
        (AGREEMENT.replace("A. Author", "É. Auteur").encode("latin-1", "replace"), "not TOML"),
        (b"", "missing"),
        (b"in_force = 2027-13-01", "not TOML"),
    ],
    ids=["half", "latin-1", "empty", "no such month"],
)
def test_broken_files_are_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_agreement(path)
    assert says in str(caught.value) and "broken.toml" in str(caught.value)


def test_absent_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_agreement(tmp_path / "none.toml")
    with pytest.raises(InputError, match="cannot be read"):
        read_agreement(tmp_path)


def test_an_agreement_of_the_folder_comes_before_the_library(tmp_path: Path) -> None:
    own = AGREEMENT.replace('id = "can-nor"', 'id = "korus-withdrawn"')
    (tmp_path / "korus-withdrawn.toml").write_text(own, "utf-8")
    assert open_agreement("korus-withdrawn", tmp_path).parties == ["CAN", "NOR"]
    assert open_agreement("korus-withdrawn").parties == ["KOR", "USA"]
    with pytest.raises(LabelError, match="did you mean `cjk-trilateral`"):
        open_agreement("cjk-trilatral", tmp_path)


def test_entry_into_force_is_a_date() -> None:
    assert parse_agreement(agreement_table(), where="t").in_force == dt.date(2027, 7, 1)
