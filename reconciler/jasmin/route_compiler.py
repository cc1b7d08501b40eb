"""Compiles carriers into MT routes: access users × groups of countries → routes. Pure.

One pinned route a credential: submits of its own user go through its connector alone. The access
user of an organisation has one route for each group of countries with the same carriers in the
same order, each ending with the `*` carriers (Jasmin tries no other route after the first that
matches), and below them one for all other countries. Patterns of countries are disjoint, so the
routes of a user, but for the last, may stand in any order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from messaging.carriers.demotions import Demotion
from messaging.carriers.ranking import by_country
from messaging.countries import ANY, pattern_of
from reconciler.jasmin.route_orders import LISTED, PINNED, UNLISTED
from reconciler.jcli.routes import doubled
from reconciler.state import Route


@dataclass(frozen=True)
class PinnedUser:
    """A credential's own user, and the connector of its pinned route."""

    uid: str
    cid: str


@dataclass(frozen=True)
class Member:
    """One carrier of an organisation; carriers come in the order in which they are tried."""

    cid: str
    countries: tuple[str, ...]
    carrier_id: str = ""
    demotions: tuple[Demotion, ...] = ()


def compile_routes(
    pinned: Iterable[PinnedUser], access: Mapping[str, Sequence[Member]]
) -> list[Route]:
    """Return the routes wanted; `order` is the block of each (`assign_orders` numbers them).

    `access`: uid of an access user → the organisation's carriers in use, best first, with those
    that list countries before those of `*` where both could serve.
    """
    routes = [Route(PINNED, user.uid, "", doubled([user.cid])) for user in pinned]
    for uid, members in access.items():
        routes += _access_routes(uid, members)
    return routes


def _access_routes(uid: str, members: Sequence[Member]) -> Iterator[Route]:
    lines = by_country(members)
    anywhere = lines.pop(ANY)
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for country, line in lines.items():
        groups[tuple(dict.fromkeys(member.cid for member in line))].append(country)
    for cids, countries in groups.items():
        if pattern := _pattern(countries):
            every = [member for country in countries for member in lines[country]]
            about = {"countries": tuple(sorted(countries)), "carriers": _ids(every)}
            yield Route(LISTED, uid, pattern, doubled(cids), **about)
    if anywhere:
        cids = doubled([member.cid for member in anywhere])
        yield Route(UNLISTED, uid, "", cids, carriers=_ids(anywhere))


def _ids(members: Iterable[Member]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(member.carrier_id for member in members))


def _pattern(countries: Iterable[str]) -> str:
    """Return one pattern for all of them; "" for countries without numbers of their own.

    Numbers come with or without `+`, as their sender wrote them.
    """
    patterns = [each for each in map(pattern_of, sorted(countries)) if each]
    return rf"^\+?(?:{'|'.join(patterns)})" if patterns else ""
