"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tradewinds.core.errors import InputError


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that replaces it on success and vanishes on failure."""
    path = Path(path)
    if not path.parent.is_dir():
        what = f"cannot write the file: no folder {path.parent}"
        raise InputError(what, where=str(path), hint="create the folder first")
    if path.is_dir():
        raise InputError("is a folder", where=str(path), allowed="a file name")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        with temporary.open("rb+") as whole:
            os.fsync(whole.fileno())
        temporary.replace(path)
    except OSError as fault:
        raise InputError(f"cannot write the file ({fault.strerror or fault})", where=str(path)) from None
    finally:
        temporary.unlink(missing_ok=True)
