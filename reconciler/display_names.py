"""Names that people gave to objects which Jasmin knows by keys and orders. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from orbit.ids import GATEWAY_PREFIX
from reconciler.diff import Change
from reconciler.state import Kind, Route

SHOWN = 5  # countries or carriers of a route by name; the others are counted
_KEY = re.compile(rf"\b{GATEWAY_PREFIX}[a-z2-7]{{13}}\b")


@dataclass(frozen=True)
class Owner:
    """An organisation."""

    id: str
    name: str


@dataclass(frozen=True)
class Names:
    """- `owners`: gateway key (gid, uid, cid) → its organisation.
    - `credentials`: gateway key → name; `carriers`: id → name.
    """

    owners: Mapping[str, Owner] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    carriers: Mapping[str, str] = field(default_factory=dict)

    def owner_of(self, change: Change) -> Owner | None:
        """Return its organisation; None for an object of ours without a row."""
        return self.owners.get(change.owner)

    def about(self, change: Change) -> str:
        """Return organisation, and credential, or countries and carriers; "" without a row."""
        owner = self.owner_of(change)
        if owner is None:
            return ""
        words = f"organisation {owner.name}"
        if change.owner in self.credentials:
            words += f", credential {self.credentials[change.owner]}"
        elif change.kind in (Kind.USER, Kind.ROUTE):
            words += ", access"
        route = self.route(change)
        return f"{words}: {route}" if route else words

    def route(self, change: Change) -> str:
        """Return countries and carriers of a wanted route of an access; "" for anything else."""
        wanted = change.resource
        if not isinstance(wanted, Route) or not wanted.carriers:
            return ""
        countries = few(wanted.countries) or "all other countries"
        return f"{countries} through {few(self.carriers.get(pk, pk) for pk in wanted.carriers)}"

    def with_names(self, change: Change, error: str) -> str:
        """Return an error of the change with the names of its organisation's credentials in it."""
        owner = self.owner_of(change)

        def named(match: re.Match[str]) -> str:
            key = match[0]
            known = key in self.credentials and self.owners.get(key) == owner
            return f"{self.credentials[key]} ({key})" if known else key

        return _KEY.sub(named, error)


def few(names: Iterable[str]) -> str:
    """Return the first of them, and the number of the others."""
    names = list(names)
    more = len(names) - SHOWN
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown
