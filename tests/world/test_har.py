"""Header array files: what is written is read back, foreign forms are understood, bad files are refused."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewinds.core.errors import Faults, InputError
from tradewinds.world.har import HarArray, gempack_labels, read_har, write_har

REG = ("TWN", "CHN", "ROW")
SEC = ("food", "goods")


def frame(content: bytes) -> bytes:
    return struct.pack("<i", len(content)) + content + struct.pack("<i", len(content))


def head(kind: str, dims: tuple[int, ...], long_name: str = "a header") -> bytes:
    return b"    " + kind.encode() + long_name.encode().ljust(70) + struct.pack(f"<{len(dims) + 1}i", len(dims), *dims)


def pad(*names: str) -> bytes:
    return b"".join(n.encode().ljust(12) for n in names)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    written = {
        "REGN": HarArray(np.array(REG), long_name="Set REGN region"),
        "TFOB": HarArray(
            rng.random((3, 3, 2)).astype(np.float32), ("REGN", "REGN", "SECT"), (REG, REG, SEC), "Trade", "TRADE"
        ),
        "WHOL": HarArray(np.arange(6, dtype=np.int32).reshape(2, 3)),
        "TWOR": HarArray(np.ones((4, 2), dtype=np.float32)),
        "ONE": HarArray(np.array(2.5, dtype=np.float32), coefficient="SIGMA"),
    }
    write_har(tmp_path / "a.har", written)
    found = read_har(tmp_path / "a.har")
    assert list(found) == list(written)
    for name, array in written.items():
        assert np.array_equal(found[name].values, array.values)
        assert found[name].values.dtype.kind == array.values.dtype.kind
        assert (found[name].sets, found[name].elements) == (array.sets, array.elements)
        assert (found[name].long_name, found[name].coefficient) == (array.long_name, array.coefficient)
        assert not found[name].values.flags.writeable
    assert found["ONE"].values.shape == ()


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=7), st.integers(0, 2**31))
def test_any_shape_up_to_seven_dims(tmp_path_factory: pytest.TempPathFactory, shape: list[int], seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    sets = tuple(f"S{k}" for k in range(len(shape)))
    elements = tuple(tuple(f"e{j}" for j in range(n)) for n in shape)
    path = tmp_path_factory.mktemp("har") / "x.har"
    write_har(path, {"DATA": HarArray(values, sets, elements)})
    assert np.array_equal(read_har(path)["DATA"].values, values)


@pytest.mark.parametrize("shape", [(5000,), (2500, 3), (3, 2500), (45, 50, 7), (2, 1, 1999, 2)])
def test_more_numbers_than_fit_one_record(tmp_path: Path, shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    sets = tuple(f"S{k}" for k in range(len(shape)))
    elements = tuple(tuple(f"e{j}" for j in range(n)) for n in shape)
    write_har(tmp_path / "x.har", {"BIG": HarArray(values, sets, elements), "WHOL": HarArray(np.ones((90, 50), int))})
    found = read_har(tmp_path / "x.har")
    assert np.array_equal(found["BIG"].values, values)
    assert found["BIG"].elements == elements
    assert found["WHOL"].values.sum() == 4500


def test_bytes_of_a_real_header_are_those_of_the_format(tmp_path: Path) -> None:
    """Record by record, against a hand-made file in the layout that ViewHAR writes."""
    values = np.array([[1, 2], [3, 4]], dtype=np.float32)
    array = HarArray(values, ("R", "S"), (("a", "b"), ("x", "y")), "Simple", "COEF")
    write_har(tmp_path / "x.har", {"NH01": array})
    expected = [
        b"NH01",
        head("REFULL", (2, 2, 1, 1, 1, 1, 1), "Simple"),
        b"    " + struct.pack("<3i", 2, 1, 2) + pad("COEF") + struct.pack("<i", 1) + pad("R", "S") + b"kk" + bytes(12),
        b"    " + struct.pack("<3i", 1, 2, 2) + pad("a", "b"),
        b"    " + struct.pack("<3i", 1, 2, 2) + pad("x", "y"),
        b"    " + struct.pack("<9i", 3, 7, 2, 2, 1, 1, 1, 1, 1),
        b"    " + struct.pack("<15i", 2, 1, 2, 1, 2, *[1] * 10),
        b"    " + struct.pack("<i4f", 1, 1, 3, 2, 4),
    ]
    assert (tmp_path / "x.har").read_bytes() == b"".join(map(frame, expected))


def test_sparse_single_element_unknown_elements_and_bare_reals_are_read(tmp_path: Path) -> None:
    sets = b"    " + struct.pack("<3i", 1, 1, 3) + pad("COEF") + struct.pack("<i", 1) + pad("R", "S", "U") + b"keu"
    records = [
        b"SPRS",
        head("RESPSE", (3, 1, 2, 1, 1, 1, 1)),
        sets + bytes(12) + struct.pack("<i", 1) + pad("x"),
        b"    " + struct.pack("<3i", 1, 3, 3) + pad("a", "b", "c"),
        b"    " + struct.pack("<3i", 2, 4, 4) + b" " * 80,
        b"    " + struct.pack("<3i", 2, 2, 1) + struct.pack("<if", 2, 7.0),
        b"    " + struct.pack("<3i", 1, 2, 1) + struct.pack("<if", 6, 9.0),
        b"BARE",
        head("RLFULL", (2, 1, 1, 1, 1, 1, 1)),
        b"    " + struct.pack("<9i", 3, 7, 2, 1, 1, 1, 1, 1, 1),
        b"    " + struct.pack("<15i", 2, 1, 2, *[1] * 12),
        b"    " + struct.pack("<i2f", 1, 5, 6),
        b"MTRX",
        head("2RFULL", (2, 2)),
        b"    " + struct.pack("<7i", 2, 2, 2, 1, 2, 1, 1) + struct.pack("<2f", 1, 2),
        b"    " + struct.pack("<7i", 1, 2, 2, 1, 2, 2, 2) + struct.pack("<2f", 3, 4),
    ]
    (tmp_path / "x.har").write_bytes(b"".join(map(frame, records)))
    found = read_har(tmp_path / "x.har")
    assert found["SPRS"].values[:, 0, :].tolist() == [[0, 0], [7, 0], [0, 9]]
    assert found["SPRS"].elements == (("a", "b", "c"), ("x",), ())
    assert found["BARE"].values.tolist() == [5, 6]
    assert found["MTRX"].values.tolist() == [[1, 3], [2, 4]]


def good(path: Path) -> bytes:
    write_har(path, {"DATA": HarArray(np.ones((3, 2), np.float32), ("R", "S"), (REG, SEC))})
    return path.read_bytes()


def test_every_cut_is_refused(tmp_path: Path) -> None:
    whole = good(tmp_path / "x.har")
    for size in range(len(whole)):
        (tmp_path / "cut.har").write_bytes(whole[:size])
        with pytest.raises(InputError) as caught:
            read_har(tmp_path / "cut.har")
        assert caught.value.where and caught.value.hint


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_byte_never_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    path = tmp_path_factory.mktemp("har") / "x.har"
    whole = bytearray(good(path))
    whole[place % len(whole)] = byte
    path.write_bytes(whole)
    try:
        read_har(path)
    except InputError as fault:
        assert str(path) in fault.where


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 a zip file", b"exporter,importer\n", b"\xfd\x10NH01", struct.pack(">i", 4) + b"NH01"]
)
def test_what_is_no_header_array_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.har").write_bytes(content)
    with pytest.raises(InputError, match="not a header array file"):
        read_har(tmp_path / "x.har")


def test_missing_file_unknown_kind_and_header_twice(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_har(tmp_path / "none.har")
    (tmp_path / "n.har").write_bytes(frame(b"NONE") + frame(head("REFULL", (10**6,) * 2 + (1,) * 5)))
    with pytest.raises(InputError, match="fewer numbers"):
        read_har(tmp_path / "n.har")
    (tmp_path / "k.har").write_bytes(frame(b"NEWK") + frame(head("DEFULL", (1, 1))))
    with pytest.raises(InputError, match="kind 'DEFULL'"):
        read_har(tmp_path / "k.har")
    whole = good(tmp_path / "x.har")
    (tmp_path / "x.har").write_bytes(whole + whole)
    with pytest.raises(InputError, match="stands twice"):
        read_har(tmp_path / "x.har")


@pytest.mark.parametrize(
    ("name", "array", "says"),
    [
        ("TOOLONG", HarArray(np.ones((1, 1), np.float32)), "header `TOOLONG`"),
        ("NANS", HarArray(np.array([[np.nan]])), "not finite"),
        ("HUGE", HarArray(np.array([[1e39]])), "too large"),
        ("BIGI", HarArray(np.array([[2**40]])), "too large"),
        ("LABL", HarArray(np.ones(1), ("R",), (("Rest of the World",),)), "element of R"),
        ("ASCI", HarArray(np.ones(1), ("R",), (("Türkiye",),)), "element of R"),
        ("CASE", HarArray(np.ones(2), ("R",), (("twn", "TWN"),)), "stand twice"),
        ("SHAP", HarArray(np.ones(3), ("R",), (("a", "b"),)), "on shape"),
        ("TWOS", HarArray(np.ones((1, 1)), ("R", "R"), (("a",), ("b",))), "two lists"),
        ("DIMS", HarArray(np.ones((1, 1, 1))), "shape"),
        ("DIM8", HarArray(np.ones((1,) * 8), ("R",) * 8, (("a",),) * 8), "shape"),
        ("TEXT", HarArray(np.array(["a", " "])), "text"),
        ("BOOL", HarArray(np.array([True])), "type bool"),
        ("    ", HarArray(np.ones((1, 1))), "no name"),
    ],
)
def test_what_gempack_would_not_take_is_refused(tmp_path: Path, name: str, array: HarArray, says: str) -> None:
    with pytest.raises(InputError, match=says):
        write_har(tmp_path / "x.har", {name: array})
    assert list(tmp_path.iterdir()) == []


def test_all_faults_come_at_once_and_the_old_file_stays(tmp_path: Path) -> None:
    whole = good(tmp_path / "x.har")
    bad = HarArray(np.array([[np.inf]]))
    with pytest.raises(Faults) as caught:
        write_har(tmp_path / "x.har", {"A": bad, "LONGNAME": bad})
    assert len(caught.value.faults) == 3
    assert (tmp_path / "x.har").read_bytes() == whole
    with pytest.raises(InputError, match="cannot write"):
        write_har(tmp_path / "no" / "x.har", {"A": HarArray(np.ones((1, 1)))})


@given(st.lists(st.text(min_size=1), unique=True, max_size=30))
def test_gempack_labels_fit_and_differ(labels: list[str]) -> None:
    names = gempack_labels(labels)
    assert list(names) == labels
    assert len({n.casefold() for n in names.values()}) == len(labels)
    assert all(len(n) <= 12 and n.isascii() and n[0].isalpha() for n in names.values())


def test_gempack_labels_keep_what_fits() -> None:
    labels = ["TWN", "twn", "010121", "Rest of the World", "Rest of the Europe", "Côte_d_Ivoire", "臺灣"]
    names = gempack_labels(labels)
    assert names["TWN"] == "TWN"
    assert names["twn"] == "twn2"
    assert names["010121"] == "x010121"
    assert names["Rest of the Europe"] == "Rest_of_the2"
    assert names["Côte_d_Ivoire"] == "Cote_d_Ivoir"
    assert names["臺灣"] == "x"
