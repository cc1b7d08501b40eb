"""What Jasmin holds, or should hold, in its own words: frozen values, no I/O.

`desired` and `actual` are both a `State`. Settings are what `-s` prints, key by key; only the
keys that the desired side declares are compared (the others are Jasmin's business).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orbit.ids import GATEWAY_PREFIX


class Kind(StrEnum):
    """Kinds of objects, in the order in which they depend on each other.

    Routes come between users and connectors: they name users and lose connectors.
    """

    GROUP = "group"
    USER = "user"
    CONNECTOR = "connector"


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
    """An SMPP client connector; `password` is apart from `settings`, so that nothing prints it.

    `session` (Jasmin's word: NONE, BOUND_TRX, …), `starts` and `stops` are observed, not wanted.
    """

    cid: str
    running: bool
    settings: Mapping[str, str] = field(default_factory=dict)
    password: str = field(default="", repr=False)
    session: str = ""
    starts: int = 0
    stops: int = 0

    @property
    def is_bound(self) -> bool:
        return self.session.startswith("BOUND_")


@dataclass(frozen=True)
class State:
    """Objects by key (gid, uid, cid). `foreign`: keys that are not ours, by kind."""

    groups: Mapping[str, Group] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)
    connectors: Mapping[str, Connector] = field(default_factory=dict)
    foreign: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    # usernames and groups of users that are not ours: both must never be run over
    foreign_usernames: frozenset[str] = frozenset()
    foreign_members: frozenset[str] = frozenset()
    epoch: str = ""  # when this Jasmin started: another epoch is another process

    def of(self, kind: Kind) -> Mapping[str, Group | User | Connector]:
        return {
            Kind.GROUP: self.groups,
            Kind.USER: self.users,
            Kind.CONNECTOR: self.connectors,
        }[kind]


def is_ours(key: str) -> bool:
    """Only what has our prefix is ours; everything else is left alone."""
    return key.startswith(GATEWAY_PREFIX)
