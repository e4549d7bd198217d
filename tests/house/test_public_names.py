"""The public names are written out by hand, load on first use, and are what they say."""

from __future__ import annotations

import doctest
import subprocess
import sys

import tradewinds


def test_every_public_name_is_there() -> None:
    assert sorted(tradewinds.__all__, key=lambda n: (not n.isupper(), n)) == list(tradewinds.__all__)
    for name in tradewinds.__all__:
        assert getattr(tradewinds, name) is not None
    assert not hasattr(tradewinds, "nonsense")


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, tradewinds; print([m for m in ('numpy', 'numba', 'xarray', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_its_example_runs() -> None:
    assert doctest.testmod(tradewinds).failed == 0
