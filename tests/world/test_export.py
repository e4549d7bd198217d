"""A World and a Result leave whole and come back the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tradewinds.core.errors import InputError
from tradewinds.core.grades import Provenance
from tradewinds.core.variables import variables
from tradewinds.world.change import Change
from tradewinds.world.export import (
    HEADERS,
    export,
    header_name,
    read_netcdf,
    read_parquet,
    write_har_file,
    write_netcdf,
    write_parquet,
)
from tradewinds.world.har import read_har
from tradewinds.world.result import Result
from tradewinds.world.world import World

READERS = {".parquet": read_parquet, ".nc": read_netcdf}


@pytest.fixture
def world() -> World:
    rng = np.random.default_rng(3)
    trade = rng.random((3, 3, 2)) + 1
    rate = rng.random((3, 3, 2)) / 10
    rate[np.arange(3), np.arange(3)] = 0
    return World.build(
        "toy «three»",
        year=2022,
        regions=["TWN", "CHN", "Rest of the World"],
        sectors=["food", "it's goods"],
        trade_fob=trade,
        tariff_rate=rate,
        input_use=rng.random((3, 2, 2)) / 4,
        trade_elasticity=[6.5, 4.0],
        elasticity_sets={"one": [6.5, 4.0], "two": [3.0, 8.0]},
        provenance=[Provenance("trade_fob", "oecd-icio", "measured", "θ is Greek")],
        adjustments=["12.5 million USD set to zero: 'stocks'."],
    )


@pytest.fixture
def result(world: World) -> Result:
    return Result(
        world=world.name,
        model="armington",
        closure={"labour": "fixed"},
        labels=world.labels,
        arrays={"wage_hat": np.array([1.0, 1.01, 0.99]), "price_hat": np.full((3, 2), np.nan)},
        status="converged",
        residuals={"market": 1e-12},
        steps=3,
        seconds=0.1,
    )


@pytest.mark.parametrize("suffix", list(READERS))
def test_a_world_comes_back_the_same(world: World, tmp_path: Path, suffix: str) -> None:
    export(world, tmp_path / f"w{suffix}")
    found = READERS[suffix](tmp_path / f"w{suffix}")
    assert set(found) == set(world.arrays)
    for name in world.arrays:
        expected = world.array(name)
        assert found[name].dims == expected.dims
        assert np.array_equal(found[name].values, expected.values)
        for dim in expected.dims:
            assert [str(x) for x in found[name][dim].values] == [str(x) for x in expected[dim].values]
        assert found[name].attrs["unit"] == expected.attrs["unit"]
    assert [p.name for p in tmp_path.iterdir()] == [f"w{suffix}"]


@pytest.mark.parametrize("suffix", list(READERS))
def test_a_result_with_missing_numbers_comes_back(result: Result, tmp_path: Path, suffix: str) -> None:
    export(result, tmp_path / f"r{suffix.upper()}")
    found = READERS[suffix](tmp_path / f"r{suffix.upper()}")
    assert found["wage_hat"].values.tolist() == [1.0, 1.01, 0.99]
    assert np.isnan(found["price_hat"].values).all()


def test_netcdf_tells_unit_sentence_and_origin(world: World, tmp_path: Path) -> None:
    import xarray as xr

    write_netcdf(world, tmp_path / "w.nc")
    data = xr.load_dataset(tmp_path / "w.nc", engine="h5netcdf")
    assert data["trade_fob"].attrs["units"] == "million USD"
    assert "oecd-icio" in data["trade_fob"].attrs["provenance"]
    assert data.attrs["year"] == "2022"
    assert "stocks" in data.attrs["adjustments"]


def test_parquet_is_one_long_table(world: World, tmp_path: Path) -> None:
    import duckdb

    write_parquet(world, tmp_path / "w.parquet")
    with duckdb.connect() as base:
        base.execute(f"CREATE VIEW w AS SELECT * FROM read_parquet('{tmp_path / 'w.parquet'}')")
        columns = [row[0] for row in base.execute("DESCRIBE w").fetchall()]
        value = base.execute(
            "SELECT value, unit FROM w WHERE variable = 'trade_fob'"
            " AND exporter = 'TWN' AND importer = 'CHN' AND sector = 'food'"
        ).fetchall()
        empty = base.execute("SELECT count(*) FROM w WHERE variable = 'trade_elasticity' AND region IS NULL").fetchone()
    assert columns[0] == "variable"
    assert columns[-2:] == ["value", "unit"]
    assert value == [(world.cell("trade_fob", exporter="TWN", importer="CHN", sector="food"), "million USD")]
    assert empty == (2,)


def test_har_has_sets_one_header_a_variable_and_says_what_it_renamed(world: World, tmp_path: Path) -> None:
    write_har_file(world, tmp_path / "w.har")
    found = read_har(tmp_path / "w.har")
    assert found["REGN"].values.tolist() == ["TWN", "CHN", "Rest_of_the_"]
    assert found["LABL"].values.tolist() == [
        "region Rest_of_the_ = Rest of the World",
        "sector it_s_goods = it's goods",
    ]
    assert found["TFOB"].sets == ("REGN", "REGN", "SECT")
    assert found["TFOB"].elements[0] == ("TWN", "CHN", "Rest_of_the_")
    assert found["TFOB"].long_name.startswith("trade_fob [million USD]")
    for name, values in world.arrays.items():
        assert np.allclose(found[HEADERS[name]].values, values, rtol=1e-6)
    assert "year: 2022" in found["INFO"].values.tolist()


def test_har_refuses_numbers_that_are_missing(result: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not finite"):
        export(result, tmp_path / "r.har")
    assert list(tmp_path.iterdir()) == []


def test_a_change_can_leave_too(world: World, tmp_path: Path) -> None:
    export(Change.none(world), tmp_path / "c.har")
    assert "INFO" in read_har(tmp_path / "c.har")


def test_every_variable_has_a_header_of_its_own() -> None:
    taken: dict[str, None] = {"INFO": None, "LABL": None, "REGN": None, "SECT": None, "ESET": None}
    for name in variables():
        header = header_name(name, taken=taken)
        assert len(header) == 4
        assert header not in taken
        taken[header] = None
    assert header_name("trade_flow_odd", taken={}) == "TFO0"
    assert header_name("trade_flow_other", taken={"TFO0": None}) == "TFO1"


def test_unknown_ending_lists_the_allowed(world: World, tmp_path: Path) -> None:
    for name in ("w.xls", "w", "w.parquets"):
        with pytest.raises(InputError, match=r"\.parquet, \.nc, \.har"):
            export(world, tmp_path / name)


@pytest.mark.parametrize("suffix", [".parquet", ".nc", ".har"])
def test_a_place_that_cannot_be_written_is_refused(world: World, tmp_path: Path, suffix: str) -> None:
    with pytest.raises(InputError, match="cannot write"):
        export(world, tmp_path / "none" / f"w{suffix}")


@pytest.mark.parametrize("suffix", list(READERS))
def test_half_written_and_missing_files_are_refused(world: World, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    with pytest.raises(InputError, match="no such file"):
        READERS[suffix](path)
    export(world, path)
    whole = path.read_bytes()
    for size in (0, 3, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError) as caught:
            READERS[suffix](path)
        assert caught.value.where == str(path)


def test_a_foreign_parquet_is_refused(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect() as base:
        base.execute(f"COPY (SELECT 1 AS a) TO '{tmp_path / 'x.parquet'}' (FORMAT parquet)")
    with pytest.raises(InputError, match="carries no labels"):
        read_parquet(tmp_path / "x.parquet")


def test_a_failed_write_leaves_the_old_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.nc"
    export(world, path)
    before = path.read_bytes()

    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xarray.Dataset.to_netcdf", broken)
    with pytest.raises(InputError, match="No space left"):
        export(world, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["w.nc"]
