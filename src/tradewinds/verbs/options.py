"""What verbs share about their options."""

from __future__ import annotations

from cyclopts import Parameter

from tradewinds.core.errors import InputError

#: A parameter that a door fills and no person types.
Hidden = Parameter(parse=False)


def check_draws(draws: int) -> int:
    """A sensible number of draws, or an InputError."""
    if not 1 <= draws <= 100_000:
        raise InputError(f"{draws} draws", where="--draws", allowed="1 to 100,000")
    return draws
