"""Files: written whole or not at all, and read with errors a person can use."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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


def read_toml(path: Path) -> dict[str, Any]:
    """The table of a TOML file; InputError where it is missing, unreadable, not UTF-8 or not whole."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError("no such file", where=str(path)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not TOML: {error}", where=str(path), hint="is the file whole?") from None
