"""The user's own long tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tradewinds.core.errors import Faults, InputError
from tradewinds.data.long import read_long
from tradewinds.world.world import World

MOCK = Path(__file__).parents[1] / "mock" / "long"
FILES = ("flows", "inputs", "elasticities")


def read(folder: Path = MOCK, suffix: str = ".csv", **other: Any) -> World:
    files: dict[str, Any] = {name: folder / f"{name}{suffix}" for name in FILES}
    return read_long(**{**files, **other}, name="own", year=2024)


def spoil(folder: Path, name: str, old: str, new: str) -> World:
    """Read the files with one passage changed."""
    text = (MOCK / f"{name}.csv").read_text("utf-8")
    assert old in text
    (folder / f"{name}.csv").write_text(text.replace(old, new, 1), "utf-8")
    return read(**{name: folder / f"{name}.csv"})


def test_the_miniature() -> None:
    world = read()
    assert (world.regions, world.sectors, world.year) == (("CAN", "NOR"), ("food", "goods"), 2024)
    assert world.cell("trade_fob", exporter="CAN", importer="NOR", sector="food") == 40
    assert world.cell("tariff_rate", exporter="NOR", importer="CAN", sector="goods") == 0.05
    assert world.cell("trade_fob", exporter="NOR", importer="CAN", sector="food") == 0
    assert world.values("trade_elasticity").tolist() == [6.1, 4]
    told = " ".join(world.adjustments)
    assert "flows.csv: 1 of 8 combinations have no row and are zero." in told
    assert "inputs.csv: 1 of 8 combinations" in told
    origin = world.origin("trade_elasticity")
    assert origin is not None
    assert origin.note == "own table elasticities.csv"


def test_parquet_says_the_same(tmp_path: Path) -> None:
    with duckdb.connect() as base:
        for name in FILES:
            base.execute(f"COPY (SELECT * FROM '{MOCK / name}.csv') TO '{tmp_path / name}.parquet' (FORMAT parquet)")
    world, expected = read(tmp_path, ".parquet"), read()
    for name in expected.arrays:
        assert world.values(name).tolist() == expected.values(name).tolist()


def test_order_of_columns_blank_lines_and_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("\ufefftrade_elasticity,sector\n\n 4 , goods\n6.1,food\n\n", "utf-8")
    assert read(elasticities=tmp_path / "e.csv").values("trade_elasticity").tolist() == [6.1, 4]


def test_without_duties_it_says_so(tmp_path: Path) -> None:
    text = (MOCK / "flows.csv").read_text("utf-8").splitlines()
    (tmp_path / "f.csv").write_text("\n".join(line.rsplit(",", 1)[0] for line in text), "utf-8")
    world = read(flows=tmp_path / "f.csv")
    assert not world.values("tariff_rate").any()
    assert any("No duties were given" in told for told in world.adjustments)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("flows", "tariff_rate", "tarif_rate", r"unknown column `tarif_rate`.*did you mean `tariff_rate`"),
        ("flows", "value,", "amount,", r"no column value"),
        ("flows", "exporter,importer", "exporter,exporter", r"column exporter twice"),
        ("flows", "CAN,NOR,food,40", "CAN,CAN,food,40", r"CAN, CAN, food stands twice, first on line 2 in .*line 4"),
        ("flows", "CAN,NOR,food,40", "CAN,,food,40", r"no importer in .*line 4"),
        ("flows", ",40,", ",-40,", r"value -40 in .*line 4; 0 to inf"),
        ("flows", ",40,", ",NaN,", r"value `NaN` is not a number"),
        ("flows", ",40,", ",inf,", r"value `inf` is not a number"),
        ("flows", ",40,", ",,", r"value is empty in .*line 4"),
        ("flows", ",40,", ",forty,", r"`forty` is not a number"),
        ("flows", ",40,", ',"4,000",', r"`4,000` is not a number.*separator of thousands"),
        ("flows", ",0.08", ",", r"tariff_rate is empty in .*line 4"),
        ("flows", ",0.08", ",80", r"tariff_rate 80 in .*; -0.999 to 50"),
        ("flows", "CAN,NOR,food,40,0.08", "CAN,NOR,food,40", r"4 cells in .*line 4; 5, as in the header"),
        ("flows", "NOR,NOR,food,300,0\nNOR,NOR,goods,700,0\n", "", r"no home sales of NOR"),
        ("inputs", "CAN,food,food", "CAM,food,food", r"unknown region `CAM` in .*line 2.*did you mean `CAN`"),
        ("inputs", "CAN,food,food", "CAN,foot,food", r"unknown input_sector `foot`"),
        ("elasticities", "goods,4\n", "", r"no trade elasticity for goods"),
        ("elasticities", "goods,4", "goods,4\nservices,4", r"unknown sector `services`"),
        ("elasticities", "goods,4", "goods,-4", r"trade_elasticity -4 in .*; 0.01 to 100"),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, name: str, old: str, new: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        spoil(tmp_path, name, old, new)
    assert re.search(says, str(caught.value), flags=re.DOTALL), str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"sector,trade_elasticity\n", "no rows below the header"),
        (b"food,6.1\ngoods,4\n", "no column sector, trade_elasticity"),
        ("sector,trade_elasticity\nTürkei,4\n".encode("latin-1"), "not UTF-8 text in .*line 2"),
        (b"sector;trade_elasticity\nfood;4\n", "no column"),
        (b"sector,trade_elasticity\nfood,6.1\ngoods", "1 cells"),
    ],
)
def test_bad_content(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "e.csv").write_bytes(content)
    with pytest.raises(InputError, match=says):
        read(elasticities=tmp_path / "e.csv")


def test_the_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("exporter,importer,sector,value\nA,A,x,5\nA,A,x,-1\nA,A,,z\n", "utf-8")
    (tmp_path / "e.csv").write_text("", "utf-8")
    with pytest.raises(Faults) as caught:
        read(flows=tmp_path / "f.csv", elasticities=tmp_path / "e.csv", inputs=tmp_path / "none.csv")
    text = str(caught.value)
    for says in ("stands twice", "value -1", "no sector", "`z` is not a number", "the file is empty", "cannot read"):
        assert says in text
    assert len(caught.value.faults) == 6


def test_a_label_that_is_unknown_often_is_told_once(tmp_path: Path) -> None:
    text = (MOCK / "inputs.csv").read_text("utf-8")
    (tmp_path / "i.csv").write_text(text.replace("NOR,", "NRO,"), "utf-8")
    with pytest.raises(InputError, match=r"unknown region `NRO` in .*line 6 and 2 more"):
        read(inputs=tmp_path / "i.csv")


def test_very_many_faults_are_counted(tmp_path: Path) -> None:
    rows = "\n".join(f"food,{-k}" for k in range(1, 201))
    (tmp_path / "e.csv").write_text(f"sector,trade_elasticity\n{rows}\n", "utf-8")
    with pytest.raises(Faults, match="349 more faults"):
        read(elasticities=tmp_path / "e.csv")


def test_parquet_of_another_kind_is_refused(tmp_path: Path) -> None:
    with duckdb.connect() as base:
        copy = f"TO '{tmp_path / 'e.parquet'}' (FORMAT parquet)"
        base.execute(f"COPY (SELECT 'food' AS sector, 'four' AS trade_elasticity) {copy}")
    with pytest.raises(InputError, match=r"`four` is not a number in .*row 1"):
        read(elasticities=tmp_path / "e.parquet")
    (tmp_path / "e.parquet").write_bytes((tmp_path / "e.parquet").read_bytes()[:50])
    with pytest.raises(InputError, match="not a whole Parquet file"):
        read(elasticities=tmp_path / "e.parquet")
    with pytest.raises(InputError, match="no such file"):
        read(elasticities=tmp_path / "none.parquet")
