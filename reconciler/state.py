"""What Jasmin holds, or should hold, in its own words: frozen values, no I/O.

`desired` and `actual` are both a `State`. Settings are what `-s` prints, key by key; only the
keys that the desired side declares are compared (the others are Jasmin's business).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orbit.ids import GATEWAY_PREFIX


class Kind(StrEnum):
    """Kinds of objects, in the order in which they depend on each other."""

    GROUP = "group"
    USER = "user"
    CONNECTOR = "connector"
    ROUTE = "route"


@dataclass(frozen=True)
class Greeting:
    """What a console says of the Jasmin behind it: its version, our launcher's ("" = none), and
    what that corrects (`capabilities`)."""

    jasmin: str = ""
    launcher: str = ""
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Group:
    gid: str
    enabled: bool = True


@dataclass(frozen=True)
class User:
    """`password_differs` is known only where Jasmin was asked (its console never shows one)."""

    uid: str
    gid: str
    username: str
    enabled: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    password: str = field(default="", repr=False)
    password_differs: bool = False


@dataclass(frozen=True)
class Connector:
    """An SMPP client connector; `password` and `tls_key` (as the console writes it, "" = none) are
    apart from `settings`, so that nothing prints them.

    `session` (Jasmin's word: NONE, BOUND_TRX, …), `starts` and `stops` are observed, not wanted.
    """

    cid: str
    running: bool
    settings: Mapping[str, str] = field(default_factory=dict)
    password: str = field(default="", repr=False)
    session: str = ""
    starts: int = 0
    stops: int = 0
    tls_key: str = field(default="", repr=False)

    @property
    def is_bound(self) -> bool:
        return self.session.startswith("BOUND_")


@dataclass(frozen=True)
class Route:
    """A failover route of one user: connectors by preference, for destinations of the pattern.

    - `order`: its only name in Jasmin; the highest that matches takes the message.
    - `user`: uid of its UserFilter; "" for a route of no user alone.
    - `pattern`: regular expression of its DestinationAddrFilter; "" = every destination. Of a
      found route that is not made as ours are, it is a description and equals no wanted one.
    - `countries`, `carriers`: of a wanted one of an access, what it is for (none: all that no other
      route is for), and ids of the carriers behind its connectors, best first.
    """

    order: int
    user: str
    pattern: str
    connectors: tuple[str, ...]
    countries: tuple[str, ...] = field(default=(), compare=False)
    carriers: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class State:
    """Objects by key (gid, uid, cid). `foreign`: keys that are not ours, by kind.

    `routes`: wanted ones have the block of their order, found ones the order. `orders`: all that
    are taken in Jasmin, by whomever. `conflicts`: what others made that meets ours, in words.
    `unreadable`: keys of which nobody can say what is wanted, and why; they are left as they are,
    but for connectors in `stopped`, which are not to run whatever else is wanted of them.
    """

    groups: Mapping[str, Group] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)
    connectors: Mapping[str, Connector] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()
    orders: frozenset[int] = frozenset()
    foreign: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()
    # usernames and groups of users that are not ours: both must never be run over
    foreign_usernames: frozenset[str] = frozenset()
    foreign_members: frozenset[str] = frozenset()
    epoch: str = ""  # when this Jasmin started: another epoch is another process

    def of(self, kind: Kind) -> Collection[object]:
        """What there is of a kind, to be counted."""
        return {
            Kind.GROUP: self.groups,
            Kind.USER: self.users,
            Kind.CONNECTOR: self.connectors,
            Kind.ROUTE: self.routes,
        }[kind]


def is_ours(key: str) -> bool:
    """Only what has our prefix is ours; everything else is left alone."""
    return key.startswith(GATEWAY_PREFIX)
