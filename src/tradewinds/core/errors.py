"""The errors a person can meet: one root, each saying what, where, what is allowed, and a hint.

TradewindsError
├── InputError          your input (exit code 2)
│   ├── LabelError      a name that is not known here
│   └── Faults          everything wrong with one file or object, at once
└── ConvergenceError    the model found no equilibrium (exit code 3)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import ClassVar


class TradewindsError(Exception):
    """Root of every error raised on purpose.

    ``what`` is the fault, ``where`` its place (file, table, key), ``allowed`` what would have been accepted,
    ``hint`` one sentence on how to go on.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", allowed: str = "", hint: str = "") -> None:
        self.what, self.where, self.allowed, self.hint = what, where, allowed, hint
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The fault on one line, without the hint."""
        place = f" in {self.where}" if self.where else ""
        rule = f"; {self.allowed}" if self.allowed else ""
        return f"{self.what}{place}{rule}"

    def __str__(self) -> str:
        return self.sentence() + (f"\n\nhint: {self.hint}" if self.hint else "")


class InputError(TradewindsError):
    """Something in a file, an option or an array that the software refuses."""

    exit_code = 2


class LabelError(InputError):
    """A name that is not known here, with the near miss."""


class Faults(InputError):
    """All faults of one file or object, reported together."""

    def __init__(self, faults: Sequence[InputError], *, where: str) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(faults)} faults" if len(faults) > 1 else "1 fault", where=where)

    def __str__(self) -> str:
        lines = [f"{self.sentence()}:"]
        for fault in self.faults:
            lines.append(f"  - {fault.sentence()}" + (f" (hint: {fault.hint})" if fault.hint else ""))
        return "\n".join(lines)


class ConvergenceError(TradewindsError):
    """The model did not reach an equilibrium; nothing is returned in its place."""

    exit_code = 3


def unknown_label(
    label: str, known: Iterable[str], *, where: str, kind: str = "label", command: str = ""
) -> LabelError:
    """Build the error for a name that is not among ``known``: lists some of them and the nearest."""
    names = [str(k) for k in known]
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    folded = {n.casefold(): n for n in reversed(names)}
    near = difflib.get_close_matches(label.casefold(), list(folded), n=1, cutoff=0.55)
    hint = f"did you mean `{folded[near[0]]}`?" if near else (f"`{command}` lists them all" if command else "")
    return LabelError(f"unknown {kind} `{label}`", where=where, allowed=f"known here: {shown}", hint=hint)


def refuse(faults: Sequence[InputError], *, where: str) -> None:
    """Raise every fault at once; do nothing when there is none. A single fault is raised as itself."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Faults(faults, where=where)
