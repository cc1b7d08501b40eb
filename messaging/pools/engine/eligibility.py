"""Whether a member may send to a country, and why not. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from messaging.numbers import SenderType
from messaging.pools.engine.values import Member

# With the sources of every entry.
TABLE = tomllib.loads(Path(__file__).with_name("sender_types.toml").read_text(encoding="utf-8"))
REFUSED = frozenset(TABLE["refused"])
REGISTERED = frozenset(TABLE["registered"])
_MAX_SHOWN = 5  # countries that a reason lists


def faults(member: Member, country: str | None) -> Iterator[str]:
    """Why it may not send there; empty if it may. `country` None: numbers without a country."""
    if not member.enabled:
        yield "disabled"
    if member.countries and country not in member.countries:
        yield f"sends to {_listed(member.countries)} only"
    if member.type is SenderType.ALPHANUMERIC and country in REFUSED:
        yield f"{country} refuses alphanumeric senders"


def may_send(member: Member, country: str | None) -> bool:
    """Whether `faults` is empty; quicker, since it makes no text."""
    return (
        member.enabled
        and (not member.countries or country in member.countries)
        and not (member.type is SenderType.ALPHANUMERIC and country in REFUSED)
    )


def remarks(member: Member, country: str | None) -> Iterator[str]:
    """Warnings about a member that may send."""
    if member.type is SenderType.ALPHANUMERIC and country in REGISTERED:
        yield f"{country} wants alphanumeric senders to be registered"


def _listed(countries: tuple[str, ...]) -> str:
    shown = ", ".join(countries[:_MAX_SHOWN])
    more = len(countries) - _MAX_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
