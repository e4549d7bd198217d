"""The WIOD reader on miniatures of both forms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from tradewinds.core.errors import Faults, InputError
from tradewinds.data.input_output import to_world
from tradewinds.data.wiod import FINAL_USE, read_wiod

COUNTRIES = ("TWN", "RoW")
INDUSTRIES = ("c1", "c2")
INPUTS = np.array([[5.0, 3, 2, 0], [1, 4, 0, 6], [2, 1, 40, 20], [0, 3, 30, 50]])
FINAL = np.array(
    [
        [9.0, 0, 1, 2, -1, 3, 0, 0, 1, 0],
        [8, 1, 2, 5, 1, 2, 0, 0, 2, -2.5],
        [4, 0, 0, 2, -9, 90, 1, 9, 20, 2],
        [3, 0, 1, 1, 0, 80, 2, 30, 40, -3],
    ]
)


def sheet() -> list[list[Any]]:
    """Rows of the published workbook, at two by two."""
    labels = [(c, k) for c in COUNTRIES for k in INDUSTRIES] + [(c, k) for c in COUNTRIES for k in FINAL_USE]
    rows: list[list[Any]] = [["World Input-Output Table 2011"], []]
    for field in (lambda c, k: k, lambda c, k: f"name of {k}", lambda c, k: c, lambda c, k: k):
        rows.append([None] * 4 + [field(c, k) for c, k in labels] + [None])
    rows[2][0], rows[3][0] = "industry by industry", "(millions of US$)"
    rows[5][-1] = "c43"
    output = INPUTS.sum(axis=1) + FINAL.sum(axis=1)
    for i, (country, code) in enumerate(labels[:4]):
        rows.append([code, "name", country, code, *INPUTS[i], *FINAL[i], output[i]])
    rows.append(["r60", "Total intermediate consumption", "TOT", "r60", *INPUTS.sum(axis=0), *FINAL.sum(axis=0)])
    rows.append([None, "GO", "TOT", "r69", *output])
    return rows


def save(path: Path, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def compact(path: Path, **changes: Any) -> Path:
    held = {
        "countries": np.array(COUNTRIES),
        "industries": np.array(INDUSTRIES),
        "Z": INPUTS,
        "F": FINAL,
        "output": INPUTS.sum(axis=1) + FINAL.sum(axis=1),
    }
    held |= changes
    np.savez(path, **{k: v for k, v in held.items() if v is not None})
    return path


@pytest.mark.parametrize("form", ["xlsx", "npz"])
def test_both_forms_say_the_same(tmp_path: Path, form: str) -> None:
    made = save(tmp_path / "wiot11_row_apr12.xlsx", sheet()) if form == "xlsx" else compact(tmp_path / "wiot_2011.npz")
    table = read_wiod(made)
    assert (table.regions, table.sectors, table.year) == (("TWN", "ROW"), INDUSTRIES, 2011)
    assert table.trade_fob[0, 1].tolist() == [2 + 0 + 4, 0 + 6 + 1.5]
    assert table.trade_fob[0, 0].tolist() == [8 + 11, 5 + 17]
    assert table.input_use[0].tolist() == [[7, 4], [1, 7]]
    world = to_world(table, name="wiod", trade_elasticity=4)
    assert max(world.residuals().values()) < 1e-15


def test_the_total_column_needs_no_label(tmp_path: Path) -> None:
    rows = [row[:18] if 2 <= k < 6 else row for k, row in enumerate(sheet())]
    assert read_wiod(save(tmp_path / "wiot11_row_apr12.xlsx", rows)).trade_fob.sum() == INPUTS.sum() + FINAL.sum()


def test_the_year(tmp_path: Path) -> None:
    rows = sheet()
    rows[0] = ["World Input-Output Table"]
    assert read_wiod(save(tmp_path / "wiot97_row_apr12.xlsx", rows)).year == 1997
    assert read_wiod(save(tmp_path / "x.xlsx", rows), year=2003).year == 2003
    with pytest.raises(InputError, match="year is not known"):
        read_wiod(tmp_path / "x.xlsx")


def spoilt(rows: list[list[Any]], row: int, column: int, value: Any) -> list[list[Any]]:
    rows[row][column] = value
    return rows


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda t: t[:8], "2 rows missing, the first ROW c1"),
        (lambda t: t[:4], "not the layout"),
        (lambda t: [["a", "b"], [1, 2]], "not the layout"),
        (lambda t: [r[1:] for r in t], "rows missing"),
        (lambda t: spoilt(t, 4, 5, None), "column 6"),
        (lambda t: spoilt(t, 6, 5, None), "row 7"),
        (lambda t: spoilt(t, 6, 5, "n/a"), "not a number"),
        (lambda t: spoilt(t, 6, 5, 900.0), "adds up to"),
        (lambda t: spoilt(t, 5, 5, "c99"), "column 6 is .*TWN.* c99"),
        (lambda t: spoilt(t, 7, 3, "c1"), "twice"),
        (lambda t: spoilt(t, 7, 2, "XXX"), "without a column"),
        (lambda t: spoilt(t, 5, 5, "c1"), "two columns"),
        (lambda t: [*t[:7], t[7][:9], *t[8:]], "row 8"),
        (lambda t: [], "not the layout"),
    ],
)
def test_bad_workbooks_are_refused(tmp_path: Path, spoil, says: str) -> None:  # type: ignore[no-untyped-def]
    path = save(tmp_path / "wiot11_row_apr12.xlsx", spoil(sheet()))
    with pytest.raises(InputError) as caught:
        read_wiod(path)
    assert re.search(says, str(caught.value)), str(caught.value)
    assert str(path) in caught.value.where


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"Z": INPUTS[:, :3]}, "Z"),
        ({"F": FINAL[:, :9]}, "F"),
        ({"F": None}, "F"),
        ({"output": np.zeros(3)}, "output"),
        ({"output": np.full(4, 1e4)}, "do not add up"),
        ({"Z": np.where(INPUTS == 4, np.nan, INPUTS)}, "not a number"),
        ({"Z": np.array(["a"], dtype=object)}, "not a compact table"),
    ],
)
def test_bad_compact_tables_are_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    path = compact(tmp_path / "wiot_2011.npz", **changes)
    with pytest.raises(InputError, match=says):
        read_wiod(path)


def test_all_shapes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Faults) as caught:
        read_wiod(compact(tmp_path / "wiot_2011.npz", Z=INPUTS[:2], F=FINAL[:3]))
    assert len(caught.value.faults) == 2


def test_half_written_missing_and_unknown_files(tmp_path: Path) -> None:
    for path in (save(tmp_path / "wiot11_row_apr12.xlsx", sheet()), compact(tmp_path / "wiot_2011.npz")):
        path.write_bytes(path.read_bytes()[:900])
        with pytest.raises(InputError, match=r"cannot read|not a compact table"):
            read_wiod(path)
        path.unlink()
        with pytest.raises(InputError, match="cannot read"):
            read_wiod(path)
    with pytest.raises(InputError, match=r"\.xlsx, \.npz"):
        read_wiod(tmp_path / "wiot.csv")
