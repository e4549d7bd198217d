"""Every claim holds, or says why it was not run; the page lists them all."""

from __future__ import annotations

import pytest

from claims.claim import Claim, claims
from claims.report import COMMAND, PAGE, read_page


@pytest.mark.parametrize("claim", claims(), ids=lambda c: c.id)
def test_claim(claim: Claim) -> None:
    """Got agrees with expected within the tolerance the file gives."""
    reason = claim.missing()
    if reason:
        pytest.skip(f"not run: {reason}")
    got = claim.got()
    assert claim.holds(got), f"{claim.sentence} expected {claim.expected:g} ± {claim.tolerance:g} {claim.unit}, got {got:.9g}"


def test_the_page_lists_every_claim() -> None:
    """docs/validation.md is generated; run its command after adding a claim."""
    listed = set(read_page(PAGE))
    known = {c.id for c in claims()}
    assert listed == known, f"run `{COMMAND}`: {sorted(listed ^ known)}"


def test_no_claim_of_the_page_fails() -> None:
    """The last dated results all hold."""
    assert {row.verdict for row in read_page(PAGE).values()} <= {"holds"}
