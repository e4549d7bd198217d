"""The reader of the 1993 data: what has its layout is read and made an equilibrium, anything else is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tradewinds.core.errors import Faults, InputError
from tradewinds.data.cp1993 import NAFTA, REGIONS, TRADED, UNTRADED, build_cp1993, nafta_change, read_cp1993

N, T, J = 31, 20, 40


def write(folder: Path, name: str, values: np.ndarray) -> None:
    np.savetxt(folder / f"{name}.txt", values, fmt="%.9g")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Invented numbers in the layout of the files, with an output below exports and a negative input share."""
    rng = np.random.default_rng(4)
    flows = rng.lognormal(8, 1, (T, N, N))
    tariffs = rng.uniform(0, 20, (T, N, N))
    for cube in (flows, tariffs):
        cube[:, np.arange(N), np.arange(N)] = 0.0
    output = rng.lognormal(22, 0.5, (J, N))
    output[:T] = np.maximum(output[:T], 3e3 * flows.sum(axis=1))
    output[0, 0] = 900.0 * flows[0, :, 0].sum()
    shares = rng.dirichlet(np.ones(J), (N, J)).transpose(0, 2, 1)
    shares[4, 19, 10] -= shares[4, 19, 10] + 1e-6
    shares[4, :, 10] /= shares[4, :, 10].sum()
    added = rng.uniform(0.4, 0.7, (J, N))
    added[39], shares[:, :, 39] = 1.0, 0.0
    write(tmp_path, "xbilat1993", flows.reshape(T * N, N))
    write(tmp_path, "tariffs1993", tariffs.reshape(T * N, N))
    write(tmp_path, "tariffs2005", tariffs.reshape(T * N, N) / 2)
    write(tmp_path, "GO", output)
    write(tmp_path, "B", added)
    write(tmp_path, "IO", shares.reshape(N * J, J))
    write(tmp_path, "T", rng.uniform(2, 10, T))
    return tmp_path


def test_rows_are_importers_and_money_is_million_dollars(raw: Path) -> None:
    tables = read_cp1993(raw)
    flows = np.loadtxt(raw / "xbilat1993.txt")
    assert tables.imports[2, 1, 5] == flows[1 * N + 2, 5] / 1e3
    assert tables.output[3, 7] == np.loadtxt(raw / "GO.txt")[7, 3] / 1e6
    assert tables.tariff_1993[2, 1, 5] == np.loadtxt(raw / "tariffs1993.txt")[1 * N + 2, 5] / 100
    assert np.abs(tables.input_share.sum(axis=1)[tables.added_share < 1] - 1).max() < 1e-14


def test_the_world_balances_and_tells_what_was_repaired(raw: Path) -> None:
    world = build_cp1993(raw, deficits=True)
    assert world.regions == REGIONS and world.sectors == TRADED + UNTRADED
    assert max(world.residuals().values()) < 1e-10
    assert any("CAN other" in a for a in world.adjustments)
    assert any(a.startswith("1 outputs raised") for a in world.adjustments)
    assert world.cell("trade_fob", exporter="ARG", importer="ARG", sector="agriculture") == 0.0


def test_without_deficits_there_are_none(raw: Path) -> None:
    world = build_cp1993(raw, deficits=False)
    trade = world.values("trade_fob")
    assert np.abs(trade.sum(axis=(0, 2)) - trade.sum(axis=(1, 2))).max() < 1e-9 * trade.sum()
    observed = build_cp1993(raw, deficits=True).values("trade_fob")
    assert np.abs(observed.sum(axis=(0, 2)) - observed.sum(axis=(1, 2))).max() > 1e-6 * observed.sum()


def test_nafta_changes_six_pairs_and_says_why(raw: Path) -> None:
    world = build_cp1993(raw, deficits=False)
    change = nafta_change(world, raw)
    moved = (change.values("tariff_new") != world.values("tariff_rate")).any(axis=2)
    pairs = {(REGIONS[i], REGIONS[n]) for i, n in np.argwhere(moved)}
    assert pairs == {(a, b) for a in NAFTA for b in NAFTA if a != b}
    assert len(change.because) == 6
    at = {"exporter": "CAN", "importer": "MEX", "sector": "wood"}
    assert change.cell("tariff_new", **at) == pytest.approx(world.cell("tariff_rate", **at) / 2, rel=1e-7)


def test_a_wrong_layout_is_refused_with_what_is_expected(raw: Path) -> None:
    write(raw, "GO", np.loadtxt(raw / "GO.txt").T)
    with pytest.raises(InputError, match=r"GO\.txt; \(40, 31\): 40 sectors × 31 economies"):
        read_cp1993(raw)


def test_all_files_are_reported_at_once(raw: Path) -> None:
    (raw / "T.txt").unlink()
    (raw / "B.txt").write_text("0.1 0.2\n0.3\n")
    with pytest.raises(Faults) as caught:
        read_cp1993(raw)
    assert "T.txt" in str(caught.value) and "B.txt" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "says"),
    [
        ("tariffs1993", 0, 0, 5.0, "trades with itself"),
        ("xbilat1993", 3, 1, -1.0, "out of range, the first in line 4"),
        ("B", 2, 2, 1.5, "0 to 1"),
        ("IO", 0, 0, 0.9, "add up to"),
        ("T", 4, 0, np.nan, "out of range"),
    ],
)
def test_wrong_numbers_are_refused(raw: Path, name: str, row: int, column: int, value: float, says: str) -> None:
    values = np.loadtxt(raw / f"{name}.txt", ndmin=2)
    values = values.T if name == "T" and values.shape[0] == 1 else values
    values[row, column] = value
    write(raw, name, values)
    with pytest.raises(InputError, match=says):
        read_cp1993(raw)
