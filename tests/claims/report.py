"""Writes docs/validation.md from the claims: runs those that can be run here, keeps the last result of the others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, log10
from pathlib import Path

from .claim import KINDS, Claim, claims

COMMAND = "python -m tests.claims.report"
PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
_ROW = re.compile(r"^\| `(?P<id>[^`]+)` \|(?P<rest>.*)\|$")

HEAD = f"""# Validation

Written by `{COMMAND}` (in the root of the repository) from the claim files in `tests/claims/`; do not edit it by hand.
Claims on the data of Caliendo and Parro need their files: the environment variable `TRADEWINDS_RAW` names the folder
that holds them in a folder `cp1993`. A claim that cannot be run is *not run*, never passed in silence: it keeps the
result and the date of its last run. The same claims run as tests (`pytest tests/claims`).

Kinds: *analytic* (a closed form or an identity), *published* (a printed number), *cross-model* (two ways to the same
number), *law* (a treaty's text). The tolerance is absolute, in the unit of the number; why it is what it is stands in
the claim file.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """The last result of one claim, as printed."""

    got: str
    verdict: str
    date: str


def read_page(path: Path) -> dict[str, Row]:
    """Last results by claim id from the page itself; nothing where there is no page yet."""
    out: dict[str, Row] = {}
    if path.is_file():
        for line in path.read_text("utf-8").splitlines():
            found = _ROW.match(line)
            if found:
                cells = [c.strip() for c in found["rest"].split(" | ")]
                out[found["id"]] = Row(*cells[-3:])
    return out


def run(claim: Claim, last: Row | None, today: str) -> Row:
    """Run a claim, or keep its last result."""
    if claim.missing():
        return last or Row("–", "not run", "–")
    got = claim.got()
    return Row(shown(got, claim.tolerance), "holds" if claim.holds(got) else "**fails**", today)


def shown(value: float, tolerance: float) -> str:
    """A number with one digit more than its tolerance, so that machines agree on what is printed."""
    if tolerance < 1e-6:
        return f"{value:.10g}" if abs(value) > 1e3 * tolerance else f"below {tolerance:.0e}"
    digits = max(0, ceil(-log10(tolerance)))
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def render(rows: Mapping[str, Row]) -> str:
    """The page."""
    known = claims()
    holding = sum(r.verdict == "holds" for r in rows.values())
    parts = [HEAD, f"{len(known)} claims: {holding} hold, {len(known) - holding} do not or were never run.\n"]
    for kind in KINDS:
        chosen = [c for c in known if c.kind == kind]
        if not chosen:
            continue
        parts += [
            f"## {kind.capitalize()}\n",
            "| id | sentence | source | expected | unit | got | verdict | run |",
            "|---|---|---|---|---|---|---|---|",
            *(_line(c, rows[c.id]) for c in chosen),
            "",
        ]
    return "\n".join(parts)


def _line(claim: Claim, row: Row) -> str:
    expected = f"{claim.expected:.10g} ± {claim.tolerance:g}"
    cells = [f"`{claim.id}`", claim.sentence, claim.source, expected, claim.unit, row.got, row.verdict, row.date]
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def main() -> int:
    """Run the claims, write the page, and say how it went (exit code 1 when a claim fails)."""
    last = read_page(PAGE)
    today = datetime.now(UTC).date().isoformat()
    rows = {c.id: run(c, last.get(c.id), today) for c in claims()}
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render(rows), encoding="utf-8")
    failed = [name for name, row in rows.items() if row.verdict == "**fails**"]
    skipped = [c.id for c in claims() if c.missing()]
    print(f"{len(rows)} claims, {len(skipped)} not run here, {len(failed)} fail: {PAGE.name}")
    for name in failed:
        print(f"  {name}: got {rows[name].got}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
