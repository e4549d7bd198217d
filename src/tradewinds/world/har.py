"""GEMPACK header array files (``.har``), read and written.

The format in six facts, as GEMPACK and ViewHAR files show it:

1. The file is a chain of Fortran unformatted records: length (4 bytes, little-endian), content, length again.
2. A record of four characters opens a header and is its name. Every other record begins with four blanks.
3. The next record says the kind (``1C`` text, ``2I`` whole numbers, ``2R`` and ``RE`` reals, ``RL`` reals without
   sets), the storage (``FULL`` or ``SPSE``), a long name of 70 characters, and the dims: two, or seven for ``RE`` and
   ``RL``.
4. An ``RE`` header then names its coefficient and the set of each dim (12 characters each, with a letter: ``k``
   elements follow, ``u`` no elements, ``e`` one single element), and lists the elements of each distinct set once.
5. ``FULL`` numbers come in blocks, first dim fastest, each after a record with first and last index by dim; ``SPSE``
   numbers come as positions (from 1, first dim fastest) and values. Text and matrices come in such pieces as well.
6. A piece begins with the number of records still to come, itself included.
"""

from __future__ import annotations

import itertools
import math
import re
import struct
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradewinds.core.errors import InputError, refuse
from tradewinds.core.files import writing

#: Longest name of a set, an element or a coefficient that GEMPACK takes.
NAME_LENGTH = 12
#: Most dims of a real header.
MOST_DIMS = 7

_BLANK = b"    "
_LONG_NAME = 70
_PIECE = 2000  # numbers or strings in one record, which every GEMPACK program can hold
_HEAD = struct.Struct("<4s2s4s70si")


@dataclass(frozen=True, slots=True, eq=False)
class HarArray:
    """One header: its values and what they are called.

    ``values`` are float32 (reals, up to seven dims), int32 (matrix of whole numbers) or text (one dim). ``sets`` names
    the set of each dim and ``elements`` its labels; both are empty where the file does not say.
    """

    values: NDArray[Any]
    sets: tuple[str, ...] = ()
    elements: tuple[tuple[str, ...], ...] = ()
    long_name: str = ""
    coefficient: str = ""


# ---------------------------------------------------------------------------------------------------- reading


def read_har(path: str | Path) -> dict[str, HarArray]:
    """Every header of a header array file, by name, in the order of the file.

    Reads ``1C``, ``2I``, ``2R``, ``RE`` and ``RL``, stored ``FULL`` or ``SPSE``. Raises
    :class:`~tradewinds.core.errors.InputError` for a file that is missing, cut off or no header array file, and for a
    header of a kind that is not known.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(f"cannot read the file ({fault.strerror})", where=str(path)) from None
    found: dict[str, HarArray] = {}
    for name, records in _headers(_records(data, str(path)), str(path)):
        if name in found:
            raise InputError(f"header {name} stands twice", where=str(path))
        found[name] = _decoded(name, records, str(path))
    return found


def _records(data: bytes, where: str) -> list[bytes]:
    """The contents of the records, checked at both ends."""
    first = struct.unpack_from("<i", data)[0] if len(data) >= 4 else -1
    if first != 4:
        packed = "; it is in the packed form of an old Lahey compiler" if data[:1] == b"\xfd" else ""
        raise InputError(
            f"not a header array file{packed}",
            where=where,
            allowed="a .har file begins with a record of four characters",
            hint="open the file in ViewHAR and save it again",
        )
    records: list[bytes] = []
    at = 0
    while at < len(data):
        size = struct.unpack_from("<i", data, at)[0] if at + 4 <= len(data) else -1
        end = at + 4 + size
        if size < 0 or end + 4 > len(data) or struct.unpack_from("<i", data, end)[0] != size:
            raise InputError(
                f"record {len(records) + 1} is cut off or damaged at byte {at:,} of {len(data):,}",
                where=where,
                hint="the file is half-written or was copied as text; copy it again, in binary mode",
            )
        records.append(data[at + 4 : end])
        at = end + 4
    return records


def _headers(records: Sequence[bytes], where: str) -> Iterator[tuple[str, list[bytes]]]:
    """Records grouped by the header they belong to."""
    name, group = "", list[bytes]()
    for record in records:
        if len(record) == 4 and record.strip():
            if name:
                yield name, group
            name, group = record.decode("latin-1").strip(), []
        elif record[:4] != _BLANK:
            raise InputError(
                "a record does not begin with four blanks",
                where=f"{where}: {name}",
                hint="not written by GEMPACK, or by a later version of its format; save it again from ViewHAR",
            )
        else:
            group.append(record)
    yield name, group


def _decoded(name: str, records: list[bytes], where: str) -> HarArray:
    """The header, whatever its kind."""
    place = f"{where}: {name}"
    try:
        _, kind, storage, long_name, count = _HEAD.unpack_from(records[0])
        dims = struct.unpack_from(f"<{count}i", records[0], _HEAD.size)
        reader = _READERS.get(kind + storage)
        if reader is None:
            raise InputError(
                f"header of kind {(kind + storage).decode('latin-1')!r}",
                where=place,
                allowed=", ".join(k.decode() for k in _READERS),
                hint="save the file again from ViewHAR",
            )
        if storage == b"FULL" and kind != b"1C" and 4 * math.prod(dims) > sum(map(len, records[1:])):
            raise ValueError(f"fewer numbers than dims {dims} need")
        array = reader(iter(records[1:]), dims)
    except (struct.error, ValueError, IndexError, MemoryError) as fault:
        raise InputError(f"the header is damaged ({fault})", where=place, hint="copy the file again") from None
    except StopIteration:
        raise InputError(
            "the header ends before its data", where=place, hint="the file is half-written; copy it again"
        ) from None
    array.values.flags.writeable = False
    return HarArray(array.values, array.sets, array.elements, _text(long_name), array.coefficient)


def _text(raw: bytes) -> str:
    return raw.replace(b"\0", b" ").decode("latin-1").strip()


def _strings(records: Iterator[bytes], width: int) -> list[str]:
    """Text of fixed width, in one record or several."""
    found: list[str] = []
    total = 1
    while len(found) < total:
        record = next(records)
        _, total, here = struct.unpack_from("<3i", record, 4)
        body = record[16 : 16 + here * width]
        if here < 1 or len(body) != here * width:
            raise ValueError(f"{total} strings of width {width} do not fit")
        found += [_text(body[k * width : (k + 1) * width]) for k in range(here)]
    return found


def _read_text(records: Iterator[bytes], dims: Sequence[int]) -> HarArray:
    found = _strings(records, dims[1]) if dims[0] else []
    if len(found) != dims[0]:
        raise ValueError(f"{len(found)} strings where {dims[0]} are announced")
    return HarArray(np.array(found, dtype=str))


def _read_matrix(records: Iterator[bytes], dims: Sequence[int], dtype: str) -> HarArray:
    values = np.zeros(tuple(dims[:2]), dtype=dtype)
    filled = 0
    while filled < values.size:
        record = next(records)
        r0, r1, c0, c1 = struct.unpack_from("<4i", record, 16)
        block = values[r0 - 1 : r1, c0 - 1 : c1]
        block[...] = np.frombuffer(record, dtype, block.size, 32).reshape(block.shape, order="F")
        filled += max(block.size, 1)
    return HarArray(values.astype(values.dtype.newbyteorder("=")))


def _read_real(records: Iterator[bytes], dims: Sequence[int], sparse: bool) -> HarArray:
    coefficient, names, elements = _read_sets(records, dims)
    values = _sparse(records, dims) if sparse else _full(records, dims)
    used = len(names) or max((k + 1 for k, size in enumerate(dims) if size > 1), default=0)
    if math.prod(dims[used:]) != 1:
        raise ValueError(f"{used} sets for dims {tuple(dims)}")
    return HarArray(values.reshape(tuple(dims[:used]), order="F").copy(), names, elements, "", coefficient)


def _read_bare(records: Iterator[bytes], dims: Sequence[int]) -> HarArray:
    used = max((k + 1 for k, size in enumerate(dims) if size > 1), default=1)
    return HarArray(_full(records, dims).reshape(tuple(dims[:used]), order="F").copy())


def _read_sets(records: Iterator[bytes], dims: Sequence[int]) -> tuple[str, tuple[str, ...], tuple[Any, ...]]:
    """Coefficient, set of each dim, elements of each dim."""
    record = next(records)
    count = struct.unpack_from("<i", record, 12)[0]
    coefficient = _text(record[16:28])
    at = 32
    names = [_text(record[at + NAME_LENGTH * k : at + NAME_LENGTH * (k + 1)]) for k in range(count)]
    at += NAME_LENGTH * count
    status = record[at : at + count].decode("latin-1")
    at += count + 4 * count
    single = at + 4
    known: dict[str, tuple[str, ...]] = {}
    elements: list[tuple[str, ...]] = []
    for dim, (name, letter) in enumerate(zip(names, status, strict=True)):
        if letter == "k":
            if name not in known:
                known[name] = tuple(_strings(records, NAME_LENGTH))
            if len(known[name]) != dims[dim]:
                raise ValueError(f"set {name} has {len(known[name])} elements, the dim has {dims[dim]}")
            elements.append(known[name])
        elif letter == "e":
            elements.append((_text(record[single : single + NAME_LENGTH]),))
            single += NAME_LENGTH
        elif letter == "u":
            elements.append(())
        else:
            raise ValueError(f"set {name} is marked {letter!r}")
    return coefficient, tuple(names), tuple(elements)


def _full(records: Iterator[bytes], dims: Sequence[int]) -> NDArray[np.float32]:
    """All numbers, block by block."""
    values = np.zeros(tuple(dims), dtype=np.float32, order="F")
    next(records)
    filled = 0
    while filled < values.size:
        edges = struct.unpack_from(f"<{2 * len(dims)}i", next(records), 8)
        block = values[tuple(slice(a - 1, b) for a, b in zip(edges[::2], edges[1::2], strict=True))]
        block[...] = np.frombuffer(next(records), "<f4", block.size, 8).reshape(block.shape, order="F")
        filled += max(block.size, 1)
    return values


def _sparse(records: Iterator[bytes], dims: Sequence[int]) -> NDArray[np.float32]:
    """Numbers that are not zero, by position."""
    values = np.zeros(math.prod(dims), dtype=np.float32)
    total, index_bytes, real_bytes = struct.unpack_from("<3i", next(records), 4)
    if (index_bytes, real_bytes) != (4, 4):
        raise ValueError(f"positions of {index_bytes} and values of {real_bytes} bytes, where both have 4")
    filled = 0
    while filled < total:
        record = next(records)
        here = struct.unpack_from("<i", record, 12)[0]
        where = np.frombuffer(record, "<i4", here, 16) - 1
        if here < 1 or where.min() < 0:
            raise ValueError("a position before the first cell")
        values[where] = np.frombuffer(record, "<f4", here, 16 + 4 * here)
        filled += here
    return values.reshape(tuple(dims), order="F")


_READERS: dict[bytes, Any] = {
    b"1CFULL": _read_text,
    b"2IFULL": lambda records, dims: _read_matrix(records, dims, "<i4"),
    b"2RFULL": lambda records, dims: _read_matrix(records, dims, "<f4"),
    b"REFULL": lambda records, dims: _read_real(records, dims, sparse=False),
    b"RESPSE": lambda records, dims: _read_real(records, dims, sparse=True),
    b"RLFULL": _read_bare,
}


# ---------------------------------------------------------------------------------------------------- writing


def write_har(path: str | Path, headers: Mapping[str, HarArray]) -> None:
    """Write headers in a form that GEMPACK and ViewHAR read; the file appears whole or not at all.

    Text becomes ``1C``, whole numbers ``2I``, reals with sets ``RE FULL``, reals without sets ``2R`` (up to two dims);
    reals are kept to four bytes, seven digits. Raises :class:`~tradewinds.core.errors.InputError`, all faults at once,
    for names over 12 characters (headers: 4), labels that are not ASCII or stand twice (GEMPACK does not tell upper
    from lower case), and numbers that are not finite. :func:`gempack_labels` makes labels that fit.
    """
    path = Path(path)
    refuse([f for name, array in headers.items() for f in _faults(name, array, str(path))], where=str(path))
    with writing(path) as part, part.open("wb") as out:
        for name, array in headers.items():
            for record in _encoded(name, array):
                size = struct.pack("<i", len(record))
                out.write(size + record + size)


def gempack_labels(labels: Sequence[str]) -> dict[str, str]:
    """Label → element name that GEMPACK takes: 12 ASCII letters, digits, ``_`` or ``@``, a letter first, none twice.

    Labels that fit stay as they are. Others lose accents, then what is over; a number tells apart those that meet.

    >>> gempack_labels(["TWN", "010121", "Rest of the World"])
    {'TWN': 'TWN', '010121': 'x010121', 'Rest of the World': 'Rest_of_the_'}
    """
    names: dict[str, str] = {}
    kept: dict[str, str] = {}
    for label in filter(_fits, labels):
        kept.setdefault(label.casefold(), label)
    taken = set(kept)
    for label in labels:
        if kept.get(label.casefold()) == label:
            names[label] = label
            continue
        plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
        plain = re.sub(r"[^A-Za-z0-9_@]", "_", plain)
        plain = plain if plain[:1].isalpha() else f"x{plain}"
        name, number = plain[:NAME_LENGTH], 2
        while name.casefold() in taken:
            name = f"{plain[: NAME_LENGTH - len(str(number))]}{number}"
            number += 1
        taken.add(name.casefold())
        names[label] = name
    return names


def _fits(label: str) -> bool:
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9_@]{0,11}", label, flags=re.ASCII) is not None


def _name_fault(what: str, name: str, most: int, where: str) -> list[InputError]:
    if name.isascii() and len(name) <= most and name.isprintable():
        return []
    return [
        InputError(
            f"{what} `{name}`",
            where=where,
            allowed=f"at most {most} ASCII characters",
            hint="`gempack_labels` shortens labels and says how",
        )
    ]


def _faults(name: str, array: HarArray, path: str) -> list[InputError]:
    where = f"{path}: {name}"
    faults = _name_fault("header", name, 4, where) if name.strip() else [InputError("a header has no name", where=path)]
    faults += _name_fault("long name", array.long_name, _LONG_NAME, where)
    faults += _name_fault("coefficient", array.coefficient, NAME_LENGTH, where)
    values = array.values
    if values.dtype.kind == "U":
        if values.ndim != 1 or not values.size or any(not str(v).strip() or not str(v).isascii() for v in values):
            faults.append(InputError("text", where=where, allowed="one dim of ASCII strings, none blank"))
    elif values.dtype.kind in "fiu":
        faults += _number_faults(array, where) + _set_faults(array, where)
    else:
        faults.append(InputError(f"values of type {values.dtype}", where=where, allowed="reals, whole numbers or text"))
    return faults


def _number_faults(array: HarArray, where: str) -> list[InputError]:
    values, faults = array.values, list[InputError]()
    limit = np.finfo(np.float32).max if values.dtype.kind == "f" else np.iinfo(np.int32).max
    if values.size and not bool((np.isfinite(values) & (np.abs(values) <= limit)).all()):
        faults.append(InputError("numbers not finite or too large", where=where, allowed=f"within ±{limit:.6g}"))
    most = MOST_DIMS if array.sets else 2
    if values.ndim > most or not values.size:
        hint = "" if array.sets else "name the set of each dim to write more than two"
        faults.append(InputError(f"shape {values.shape}", where=where, allowed=f"up to {most} dims", hint=hint))
    return faults


def _set_faults(array: HarArray, where: str) -> list[InputError]:
    if not array.sets:
        return []
    shape = array.values.shape
    if tuple(len(names) for names in array.elements) != shape or len(array.sets) != len(shape):
        found = {s: len(e) for s, e in zip(array.sets, array.elements, strict=False)}
        return [InputError(f"sets {found} on shape {shape}", where=where, allowed="one element per position")]
    faults: list[InputError] = []
    first: dict[str, tuple[str, ...]] = {}
    for name, elements in zip(array.sets, array.elements, strict=True):
        if first.setdefault(name, elements) != elements:
            faults.append(InputError(f"set {name} has two lists of elements", where=where))
        if len({e.casefold() for e in elements}) < len(elements):
            faults.append(InputError(f"elements of {name} stand twice, upper and lower case being one", where=where))
    for name, elements in first.items():
        faults += _name_fault("set", name, NAME_LENGTH, where)
        for element in elements:
            faults += _name_fault(f"element of {name}", element, NAME_LENGTH, where)
            if not element.strip():
                faults.append(InputError(f"blank element of {name}", where=where))
    return faults


def _encoded(name: str, array: HarArray) -> Iterator[bytes]:
    yield name.encode().ljust(4)
    if array.values.dtype.kind == "U":
        yield from _text_records(array)
    elif array.values.dtype.kind in "iu":
        yield from _matrix_records(array, b"2I", "<i4")
    elif array.sets or not array.values.ndim:
        yield from _real_records(array)
    else:
        yield from _matrix_records(array, b"2R", "<f4")


def _fixed(text: str, width: int) -> bytes:
    return text.encode("ascii").ljust(width)


def _opening(kind: bytes, array: HarArray, dims: Sequence[int]) -> bytes:
    head = _HEAD.pack(_BLANK, kind, b"FULL", _fixed(array.long_name, _LONG_NAME), len(dims))
    return head + struct.pack(f"<{len(dims)}i", *dims)


def _string_records(strings: Sequence[str], width: int) -> Iterator[bytes]:
    pieces = [strings[k : k + _PIECE] for k in range(0, len(strings), _PIECE)]
    for left, piece in zip(range(len(pieces), 0, -1), pieces, strict=True):
        head = struct.pack("<4s3i", _BLANK, left, len(strings), len(piece))
        yield head + b"".join(_fixed(text, width) for text in piece)


def _text_records(array: HarArray) -> Iterator[bytes]:
    strings = [str(v) for v in array.values]
    width = max(map(len, strings))
    yield _opening(b"1C", array, (len(strings), width))
    yield from _string_records(strings, width)


def _matrix_records(array: HarArray, kind: bytes, dtype: str) -> Iterator[bytes]:
    matrix = array.values.reshape(array.values.shape[0], -1)
    rows, columns = matrix.shape
    yield _opening(kind, array, (rows, columns))
    blocks = list(_blocks((rows, columns)))
    for left, (rr, cc) in zip(range(len(blocks), 0, -1), blocks, strict=True):
        head = struct.pack("<4s7i", _BLANK, left, rows, columns, *rr, *cc)
        yield head + matrix[rr[0] - 1 : rr[1], cc[0] - 1 : cc[1]].astype(dtype).tobytes(order="F")


def _real_records(array: HarArray) -> Iterator[bytes]:
    dims = array.values.shape + (1,) * (MOST_DIMS - array.values.ndim)
    count = len(array.sets)
    yield _opening(b"RE", array, dims)
    distinct = dict(zip(array.sets, array.elements, strict=True))
    yield b"".join(
        (
            struct.pack("<4s3i", _BLANK, len(distinct), 1, count),
            _fixed(array.coefficient, NAME_LENGTH),
            struct.pack("<i", 1),
            *(_fixed(name, NAME_LENGTH) for name in array.sets),
            b"k" * count,
            struct.pack(f"<{count + 1}i", *([0] * (count + 1))),
        )
    )
    for elements in distinct.values():
        yield from _string_records(elements, NAME_LENGTH)
    values = array.values.astype("<f4").reshape(dims)
    blocks = list(_blocks(dims))
    left = 2 * len(blocks) + 1
    yield struct.pack("<4s2i7i", _BLANK, left, MOST_DIMS, *dims)
    for block in blocks:
        yield struct.pack("<4si14i", _BLANK, left - 1, *itertools.chain.from_iterable(block))
        cells = values[tuple(slice(a - 1, b) for a, b in block)]
        yield struct.pack("<4si", _BLANK, left - 2) + cells.tobytes(order="F")
        left -= 2


def _blocks(shape: Sequence[int]) -> Iterator[tuple[tuple[int, int], ...]]:
    """Rectangles of at most ``_PIECE`` cells, first dim fastest, as (first, last) from 1 for each dim."""
    whole, cells = 0, 1
    while whole < len(shape) - 1 and cells * shape[whole] <= _PIECE:
        cells *= shape[whole]
        whole += 1
    step = max(1, _PIECE // cells)
    front = tuple((1, size) for size in shape[:whole])
    for back in itertools.product(*(range(1, size + 1) for size in reversed(shape[whole + 1 :]))):
        for first in range(1, shape[whole] + 1, step):
            middle = (first, min(first + step - 1, shape[whole]))
            yield (*front, middle, *((k, k) for k in reversed(back)))
