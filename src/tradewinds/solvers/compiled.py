"""Compilation by numba where it is installed and wanted, plain Python otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

#: Set TRADEWINDS_KERNELS=numpy to run without compiled code.
WANTED = os.environ.get("TRADEWINDS_KERNELS", "numba")

try:
    if WANTED == "numpy":
        raise ImportError
    import numba

    COMPILED = True
except ImportError:
    COMPILED = False


def compiled(function: F) -> F:
    """Compile without the interpreter lock, cached on disk; the function itself where numba is absent."""
    if not COMPILED:
        return function
    out: F = numba.njit(cache=True, nogil=True, fastmath={"nsz", "arcp", "contract", "afn", "reassoc"})(function)
    return out
