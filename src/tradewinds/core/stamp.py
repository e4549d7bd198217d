"""The stamp on every result: what produced it, so that anyone can run it again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray


def software() -> str:
    """Name and version of this software."""
    try:
        return f"tradewinds {version('tradewinds')}"
    except PackageNotFoundError:
        return "tradewinds (not installed)"


def fingerprint(arrays: Mapping[str, NDArray[np.float64]]) -> str:
    """Twelve hex digits that change when any number, or its name, changes."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:12]
