"""Objects that Jasmin has, or should have: frozen values in Jasmin's own terms, no I/O.

`desired` and `actual` are both a `State`. Settings are what the console's `-s` prints, key by key;
only the keys that the desired side declares are compared.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orbit.ids import GATEWAY_PREFIX
from reconciler import secret_digests


class Kind(StrEnum):
    """Kinds of objects, in the order in which they depend on each other."""

    GROUP = "group"
    USER = "user"
    CONNECTOR = "connector"
    ROUTE = "route"


@dataclass(frozen=True)
class Greeting:
    """What the console says of its Jasmin at login: its version, the version of our launcher ("" =
    none), and the launcher's `capabilities`."""

    jasmin: str = ""
    launcher: str = ""
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Group:
    gid: str
    enabled: bool = True


@dataclass(frozen=True)
class Sealed:
    """A secret that the gateway did not send: its digest by a key that we know."""

    key: bytes = field(repr=False)
    digest: str = field(repr=False)

    def fits(self, secret: str) -> bool:
        return secret_digests.digest(self.key, secret) == self.digest


def is_same_secret(wanted: str, found: str | Sealed) -> bool:
    return found.fits(wanted) if isinstance(found, Sealed) else found == wanted


@dataclass(frozen=True)
class User:
    """`password_differs`: Jasmin was asked and has another one (its console never shows one). A
    found `password` is sealed as Jasmin stores it (`jcli.users.stored`), or not known ("")."""

    uid: str
    gid: str
    username: str
    enabled: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    password: str | Sealed = field(default="", repr=False)
    password_differs: bool = False


@dataclass(frozen=True)
class Session:
    """One SMPP session of a connector, as the gateway sees it now.

    - `state`: Jasmin's word (NONE, BIND_TRX_PENDING, BOUND_TRX, …); `since`: seconds since 1970.
    - `bind_error`: the status by which the carrier refused the last bind, `link_error`: why the
      last connection failed or ended; "" for none.
    """

    bind_type: str = "transceiver"
    host: str = ""
    port: int = 0
    state: str = "NONE"
    since: float = 0.0
    bind_error: str = ""
    link_error: str = ""
    tls_verified: bool = False

    @property
    def is_bound(self) -> bool:
        return self.state.startswith("BOUND_")


@dataclass(frozen=True)
class Connector:
    """An SMPP client connector; `password` and `tls_key` (as the console writes it, "" = none) are
    no `settings`, so that nothing prints them.

    `session` (Jasmin's word: NONE, BOUND_TRX, …), `starts`, `stops` and `sessions` (none where
    only the console tells) are observed, not wanted.
    """

    cid: str
    running: bool
    settings: Mapping[str, str] = field(default_factory=dict)
    password: str | Sealed = field(default="", repr=False)
    session: str = ""
    starts: int = 0
    stops: int = 0
    tls_key: str | Sealed = field(default="", repr=False)
    sessions: tuple[Session, ...] = ()

    @property
    def is_bound(self) -> bool:
        """Whether one of its binds is up that does what the connector is for: of a pair, the
        transmitter."""
        if not self.sessions:
            return self.session.startswith("BOUND_")
        main = self.settings.get("bind", "")
        return any(each.is_bound and main in ("", each.bind_type) for each in self.sessions)

    @property
    def is_settled(self) -> bool:
        """Whether all of its binds are up, and none is being made."""
        return self.is_bound and all(each.is_bound for each in self.sessions)

    @property
    def bound(self) -> int:
        """How many of its binds are up."""
        if not self.sessions:
            return int(self.is_bound)
        return sum(each.is_bound for each in self.sessions)

    @property
    def addresses(self) -> frozenset[str]:
        """Where its binds are up."""
        if not self.sessions:
            return frozenset({self.settings.get("host", "")} if self.is_bound else ())
        return frozenset(each.host for each in self.sessions if each.is_bound)

    @property
    def bound_since(self) -> float | None:
        """When the newest of those that are up began, by the gateway's clock; None: not known."""
        return max((each.since for each in self.sessions if each.is_bound), default=None)


@dataclass(frozen=True)
class Traffic:
    """Traffic of a user on Jasmin's SMPP server: bound sessions, and submit_sm since Jasmin
    started (None: not known)."""

    sessions: int = 0
    submits: int | None = None


@dataclass(frozen=True)
class Route:
    """A failover route of one user: connectors by preference, for destinations of the pattern.

    - `order`: its only name in Jasmin; the highest that matches takes the message.
    - `user`: uid of its UserFilter; "" for a route of no user alone.
    - `pattern`: regular expression of its DestinationAddrFilter; "" = every destination. A found
      route that is not made as ours are has a description here, which equals no wanted pattern.
    - `countries`, `carriers`: only of a wanted route of an access: its countries (none: all that
      no other route has), and ids of the carriers behind its connectors, best first.
    """

    order: int
    user: str
    pattern: str
    connectors: tuple[str, ...]
    countries: tuple[str, ...] = field(default=(), compare=False)
    carriers: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class State:
    """Objects by key (gid, uid, cid).

    - `routes`: wanted ones have the block of their order, found ones the order.
    - `orders`: all that are taken in Jasmin, by ours and by foreign routes.
    - `foreign`: keys that are not ours, by kind. `conflicts`: foreign routes that use our orders
      or connectors, in words.
    - `unreadable`: key → why its row can't be decrypted; the object is left as it is.
    - `stopped`: cids that must not run, even where their row is unreadable.
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
    # Usernames and groups of foreign users: no change of ours may replace or remove them.
    foreign_usernames: frozenset[str] = frozenset()
    foreign_members: frozenset[str] = frozenset()
    epoch: str = ""  # when this Jasmin started: another epoch is another process
    is_draining: bool = False  # whether its process says that it takes nothing new
    # By uid, of users that a platform may bind as; empty where only the console tells.
    traffic: Mapping[str, Traffic] = field(default_factory=dict)

    def of(self, kind: Kind) -> Collection[object]:
        """Return all objects of a kind, to count them."""
        return {
            Kind.GROUP: self.groups,
            Kind.USER: self.users,
            Kind.CONNECTOR: self.connectors,
            Kind.ROUTE: self.routes,
        }[kind]


def is_ours(key: str) -> bool:
    """Does the key have our prefix? Everything else is left alone."""
    return key.startswith(GATEWAY_PREFIX)
