"""Every claim holds, or says why it was not run; the page lists them all."""

from __future__ import annotations

import pytest

from .claim import Claim, claims
from .report import COMMAND, PAGE, Row, read_page, run


@pytest.mark.parametrize("claim", claims(), ids=lambda c: c.id)
def test_claim(claim: Claim) -> None:
    """Got agrees with expected within the tolerance the file gives."""
    reason = claim.missing()
    if reason:
        pytest.skip(f"not run: {reason}")
    got = claim.got()
    assert claim.holds(got), (
        f"{claim.sentence} expected {claim.expected:g} ± {claim.tolerance:g} {claim.unit}, got {got:.9g}"
    )


def test_the_page_lists_every_claim() -> None:
    """docs/validation.md is generated; run its command after adding a claim."""
    listed = set(read_page(PAGE))
    known = {c.id for c in claims()}
    assert listed == known, f"run `{COMMAND}`: {sorted(listed ^ known)}"


def test_no_claim_of_the_page_fails() -> None:
    """The last dated results all hold."""
    assert {row.verdict for row in read_page(PAGE).values()} <= {"holds"}


def test_what_cannot_be_run_keeps_its_last_dated_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without data a claim shows what it showed, with the old date; one that never ran says so."""
    monkeypatch.delenv("TRADEWINDS_RAW", raising=False)
    claim = next(c for c in claims() if c.needs)
    last = Row("1.312", "holds", "2020-01-01")
    assert run(claim, last, "2030-01-01") == last
    assert run(claim, None, "2030-01-01").verdict == "not run"
