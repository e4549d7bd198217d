"""The ICIO reader on a miniature table, and the way from any table to an exact World."""

from __future__ import annotations

import gzip
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tradewinds.core.errors import Faults, InputError
from tradewinds.core.grades import Provenance
from tradewinds.data.icio import ECONOMIES, INDUSTRIES, read_icio
from tradewinds.data.input_output import InputOutput, Tally, to_world

MOCK = Path(__file__).parents[1] / "mock" / "icio" / "2022_SML.csv"


def lines() -> list[str]:
    return MOCK.read_text("utf-8").splitlines()


def put(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def test_the_codes_of_the_edition() -> None:
    assert (len(ECONOMIES), len(INDUSTRIES)) == (81, 50)
    assert len(set(ECONOMIES)) == 81
    assert len(set(INDUSTRIES)) == 50


def test_the_miniature_table() -> None:
    table = read_icio(MOCK)
    assert (table.regions, table.sectors, table.year) == (("TWN", "ROW"), ("C26", "G"), 2022)
    # TWN sells C26 to ROW: 40 + 8 to industries, 60 + 0 + 2 + 90 − 0.5 + 1 to final users
    assert table.trade_fob[0, 1, 0] == 200.5
    # TWN's G uses C26 from both: 5 + 4
    assert table.input_use[0, 0, 1] == 9
    assert table.output is not None
    assert table.output.tolist() == [[267, 104], [1195.5, 951.5]]
    assert table.value_added is not None
    assert table.value_added.tolist() == [[193, 73], [753.5, 670.5]]
    assert np.allclose(table.trade_fob.sum(axis=1), table.output)
    assert {row.source for row in table.sources} == {"oecd-icio"}


def test_the_miniature_world_balances_and_tells_what_it_did() -> None:
    world = to_world(
        read_icio(MOCK), name="mini", tariff_rate={("ROW", "TWN", "C26"): 0.1}, trade_elasticity={"C26": 8, "G": 4}
    )
    assert max(world.residuals().values()) < 1e-15
    # Landed price of C26 in TWN: home 66.5 and 36.5 × 1.1 from ROW on basic purchases
    home, abroad = 30 + 5 + 31.5, 25 + 4 + 7.5
    ratio = (home + 1.1 * abroad) / (home + abroad)
    assert world.cell("input_use", region="TWN", input_sector="C26", sector="G") == pytest.approx(9 * ratio)
    assert any("landed prices" in told for told in world.adjustments)
    assert any("Value added" in told for told in world.adjustments)  # taxes less subsidies are part of the residual
    origin = world.origin("final_use")
    assert origin is not None
    assert origin.source == "oecd-icio"


@pytest.mark.parametrize("suffix", [".csv.gz", ".zip"])
def test_packed_tables(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"2016-2022_SML{suffix}"
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(MOCK, "2022_SML.csv")
            archive.writestr("2021_SML.csv", "V1\n")
        with pytest.raises(InputError, match="2 tables"):
            read_icio(path)
        with pytest.raises(InputError, match="0 tables of 2019"):
            read_icio(path, year=2019)
    else:
        path.write_bytes(gzip.compress(MOCK.read_bytes()))
    assert np.array_equal(read_icio(path, year=2022).trade_fob, read_icio(MOCK).trade_fob)


def test_parts_of_china_are_added_together(tmp_path: Path) -> None:
    text = MOCK.read_text("utf-8")
    rows = text.replace("TWN_C26", "CN1_C26").replace("TWN_G,", "CN1_G,").replace("TWN_", "CHN_").splitlines()
    header, *body = rows
    # CN2 makes a third industry block, all of its sales to CHN households
    position = header.split(",").index("CHN_HFCE")
    wide = [header.replace("ROW_C26", "CN2_C26,CN2_G,ROW_C26", 1)]
    for row in body:
        cells = row.split(",")
        wide.append(",".join([*cells[:3], *(("7", "1") if cells[0] in ("VA", "OUT") else ("0", "0")), *cells[3:]]))
    width = len(wide[0].split(","))
    for k, sales in enumerate(("7", "1")):
        cells = ["0"] * width
        cells[0], cells[position + 2], cells[-1] = ("CN2_C26", "CN2_G")[k], sales, sales
        wide.insert(3 + k, ",".join(cells))
    table = read_icio(put(tmp_path / "2022.csv", wide))
    plain = read_icio(MOCK)
    assert table.regions == ("CHN", "ROW")
    assert table.trade_fob[0, 0].tolist() == (plain.trade_fob[0, 0] + [7, 1]).tolist()
    assert np.array_equal(table.input_use, plain.input_use)
    assert "CN1 and CN2 added to CHN" in table.adjustments[0]
    doubled = [row.replace("CN1_", "CHN_") for row in wide]
    with pytest.raises(InputError, match="which contains it"):
        read_icio(put(tmp_path / "2022.csv", doubled))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda t: t[:3], "no row ROW_C26, ROW_G, VA, OUT"),
        (lambda t: [*t[:4], t[4][:20]], "line 5"),
        (lambda t: [*t[:2], t[2] + ",5", *t[3:]], "cannot be read"),
        (lambda t: [*t[:2], t[2].rsplit(",", 3)[0], *t[3:]], "line 3"),
        (lambda t: [*t[:2], t[2].replace(",50,", ",,"), *t[3:]], "1 cells of TWN_G empty or not a number.*TWN_HFCE"),
        (lambda t: [*t[:2], t[2].replace(",50,", ",nan,"), *t[3:]], "cannot be read|not a number"),
        (lambda t: [*t[:2], t[2].replace(",50,", ",n.a.,"), *t[3:]], "cannot be read"),
        (lambda t: [*t[:2], t[2].replace(",50,", ",80,"), *t[3:]], "adds up to 134.000, its OUT says 104.000"),
        (lambda t: [*t[:2], t[1], *t[2:]], "row TWN_C26 stands twice, first on line 2"),
        (lambda t: [*t[:2], t[2].replace("TWN_G", "TWN_H"), *t[3:]], "unknown row `TWN_H`"),
        (lambda t: [t[0].replace("TWN_", "TWM_"), *t[1:]], "unknown economy `TWM`"),
        (lambda t: [t[0].replace("_C26", "_C26X"), *t[1:]], "unknown industry or final use `C26X`"),
        (lambda t: [t[0].replace("ROW_G,", "TWN_G,"), *t[1:]], "TWN_G stand twice"),
        (lambda t: [t[0].replace(",OUT", ",TOTAL"), *t[1:]], "TOTAL|layout"),
        (lambda t: ["a,b", "1,2"], "unknown economy"),
        (lambda t: [""], "not the layout"),
        (lambda t: [*t[:6], "VA," + ",".join([""] * 17), *t[7:]], "empty or not a number"),
    ],
)
def test_bad_tables_are_refused(tmp_path: Path, spoil, says: str) -> None:  # type: ignore[no-untyped-def]
    path = put(tmp_path / "2022_SML.csv", spoil(lines()))
    with pytest.raises(InputError) as caught:
        read_icio(path)
    assert re.search(says, str(caught.value)), str(caught.value)
    assert str(path) in caught.value.where


def test_several_faults_at_once_and_other_refusals(tmp_path: Path) -> None:
    rows = [line.replace("TWN_", "TWM_").replace("ROW_", "RWO_") for line in lines()]
    with pytest.raises(Faults, match="did you mean `ROW`"):
        read_icio(put(tmp_path / "2022_SML.csv", rows))
    assert read_icio(tmp_path / "2022_SML.csv", codes="any").regions == ("RWO", "TWM")
    with pytest.raises(InputError, match="cannot read"):
        read_icio(tmp_path / "none.csv")
    with pytest.raises(InputError, match="year is not known"):
        read_icio(put(tmp_path / "table.csv", lines()))
    assert read_icio(tmp_path / "table.csv", year=2020).year == 2020
    (tmp_path / "2022.csv").write_bytes(b"V1,T\xfcN_G\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_icio(tmp_path / "2022.csv")
    (tmp_path / "2022.zip").write_bytes(b"PK\x03\x04half")
    with pytest.raises(InputError, match="cannot read"):
        read_icio(tmp_path / "2022.zip", year=2022)
    (tmp_path / "2022.csv.gz").write_bytes(gzip.compress(MOCK.read_bytes())[:-20])
    with pytest.raises(InputError, match=r"cannot read|half-written"):
        read_icio(tmp_path / "2022.csv.gz")


# ------------------------------------------------------------------------------------------- any table to a World

SIZE = st.tuples(st.integers(1, 4), st.integers(1, 3))
MONEY = st.one_of(st.just(0.0), st.floats(0.01, 1e4), st.floats(-50, -0.01))


@st.composite
def tables(draw: st.DrawFn) -> tuple[InputOutput, np.ndarray]:
    n, s = draw(SIZE)
    trade = np.array(draw(st.lists(MONEY, min_size=n * n * s, max_size=n * n * s))).reshape(n, n, s)
    use = np.array(draw(st.lists(MONEY, min_size=n * s * s, max_size=n * s * s))).reshape(n, s, s)
    duty = st.one_of(st.just(0.0), st.floats(-0.3, 3.0))
    rate = np.array(draw(st.lists(duty, min_size=n * n * s, max_size=n * n * s))).reshape(n, n, s)
    sold, bought = (np.maximum(trade, 0).sum(axis=axes) for axes in ((1, 2), (0, 2)))
    assume((sold > 1e-4 * bought).all())  # else rounding alone is beyond the tolerance, which is relative to output
    regions, sectors = tuple(f"R{k}" for k in range(n)), tuple(f"S{k}" for k in range(s))
    return InputOutput(regions, sectors, 2020, trade, use, output=trade.sum(axis=1)), rate


@settings(deadline=None, max_examples=300)
@given(tables())
def test_any_table_becomes_a_world(made: tuple[InputOutput, np.ndarray]) -> None:
    table, rate = made
    world = to_world(table, name="any", tariff_rate=rate, trade_elasticity=4.0)
    assert max(world.residuals().values()) < 1e-10
    trade = world.values("trade_fob")
    assert np.array_equal(trade, np.maximum(table.trade_fob, 0))  # sales are kept but for negative ones
    home = np.einsum("iik->ik", world.values("tariff_rate"))
    assert not home.any()
    told = " ".join(world.adjustments)
    assert ("Negative sales" in told) == bool((table.trade_fob < 0).any())
    assert ("Negative inputs" in told) == bool((table.input_use < 0).any())
    assert ("Duty on home sales" in told) == bool(np.einsum("iik->ik", rate).any())
    # nothing is shrunk in silence: without such a sentence the inputs are those of the table, at landed prices
    if "shrunk" not in told:
        landed = (trade * (1 + world.values("tariff_rate"))).sum(axis=0)
        basic = trade.sum(axis=0)
        ratio = np.where(basic > 0, landed / np.where(basic > 0, basic, 1), 1)
        assert np.allclose(world.values("input_use"), np.maximum(table.input_use, 0) * ratio[:, :, None], rtol=1e-9)


def toy(**changes: object) -> InputOutput:
    trade = np.array([[[80.0, 50.0], [20.0, 0.0]], [[10.0, 5.0], [60.0, 90.0]]])
    use = np.array([[[20.0, 10.0], [5.0, 15.0]], [[10.0, 5.0], [5.0, 20.0]]])
    fields = {"regions": ("A", "B"), "sectors": ("x", "y"), "year": 2020, "trade_fob": trade, "input_use": use}
    return InputOutput(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_clean_table_without_duty_is_kept_as_it_is() -> None:
    world = to_world(toy(), name="clean", tariff_rate=np.zeros((2, 2, 2)), trade_elasticity=[4, 5])
    assert world.adjustments == ()
    assert np.array_equal(world.values("input_use"), toy().input_use)
    assert world.values("value_added").tolist() == [[75, 25], [55, 70]]


def test_inputs_beyond_output_and_beyond_purchases_shrink() -> None:
    use = np.array([[[80.0, 10.0], [60.0, 15.0]], [[10.0, 5.0], [5.0, 20.0]]])
    world = to_world(toy(input_use=use), name="greedy", trade_elasticity=4)
    told = " ".join(world.adjustments)
    assert "the output of 1 industries shrunk to it: 40 million USD, the largest A x" in told
    assert "the purchases of 1 products shrunk to it" in told
    assert "No duties were given" in told
    assert world.cell("final_use", region="A", sector="y") == pytest.approx(0, abs=1e-12)


def test_what_cannot_be_a_world_is_refused() -> None:
    with pytest.raises(Faults) as caught:
        toy(regions=("A", "A"), trade_fob=np.full((2, 2, 2), np.nan), input_use=np.ones(3))
    assert len(caught.value.faults) == 3
    with pytest.raises(InputError, match="no sales by B"):
        to_world(toy(trade_fob=np.array([[[1.0, 1], [1, 1]], [[0, 0], [-1, 0]]])), name="w", trade_elasticity=4)
    with pytest.raises(InputError, match="no trade elasticity for y"):
        to_world(toy(), name="w", trade_elasticity={"x": 4})
    with pytest.raises(InputError, match="unknown sector `z`"):
        to_world(toy(), name="w", trade_elasticity={"x": 4, "y": 4, "z": 4})
    with pytest.raises(InputError, match="unknown importer `C`"):
        to_world(toy(), name="w", trade_elasticity=4, tariff_rate={("A", "C", "x"): 0.1})
    with pytest.raises(InputError, match="exporter, importer, sector"):
        to_world(toy(), name="w", trade_elasticity=4, tariff_rate={("A", "B"): 0.1})  # type: ignore[dict-item]
    with pytest.raises(InputError, match="shape"):
        to_world(toy(), name="w", trade_elasticity=4, tariff_rate=np.zeros((2, 2)))
    with pytest.raises(InputError, match="8 cells not a number"):
        to_world(toy(), name="w", trade_elasticity=4, tariff_rate=np.full((2, 2, 2), np.nan))


def test_sources_follow_into_the_world() -> None:
    own = Provenance("tariff_rate", "wits", "interpolated")
    table = toy(sources=(Provenance("trade_fob", "wiod-2013", "measured"),))
    world = to_world(table, name="w", trade_elasticity=4, tariff_rate={("A", "B", "x"): 0.1}, provenance=[own])
    assert [row.variable for row in world.provenance] == ["trade_fob", "value_added", "final_use", "tariff_rate"]
    assert world.cell("tariff_rate", exporter="A", importer="B", sector="x") == 0.1


def test_tally_adds_rows_and_columns_of_one_label() -> None:
    tally = Tally(["A", "B"], ["x"], [("A", "x"), ("B", "x"), ("A", None), ("A", "x")])
    tally.add("B", "x", np.array([1.0, 2.0, 4.0, 8.0]))
    tally.add("B", "x", np.array([1.0, 0.0, 0.0, 0.0]))
    assert tally.trade_fob[1, :, 0].tolist() == [14, 2]
    assert tally.input_use[:, 0, 0].tolist() == [10, 2]
