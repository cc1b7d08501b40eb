"""Puts one answer together, an object at a time (`reconciler.gateway_api.STATE`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import jasmin
from jasmin.protocols.http.stats import HttpAPIStatsCollector
from jasmin.routing.Filters import UserFilter
from jasmin.routing.jasminApi import UserStats

from reconciler import secret_digests
from reconciler.gateway_api import CAPABILITIES
from reconciler.launcher import open_files
from reconciler.launcher.components.connector_manager import ConnectorManager
from reconciler.launcher.components.router import Router
from reconciler.launcher.corrections.console_greeting import VERSION
from reconciler.launcher.lane.connector import Connector
from reconciler.launcher.lane.http_api.json_requests import encode
from reconciler.launcher.state import printed_settings
from reconciler.launcher.state.printed_settings import ConnectorSettings

_FAILOVER = "FailoverMTRoute"  # the type of our routes
_FREE = "0 (!)"  # as the console prints a rate of nothing
_PATTERN = ("<DA (dst_addr=", ")>")


@dataclass(frozen=True)
class Question:
    """`only`: keys of objects; None: all. `key`: of the digests."""

    prefix: str
    only: frozenset[str] | None
    key: bytes = field(repr=False)

    def digest(self, secret: str) -> str:
        return secret_digests.digest(self.key, secret)


class _Places:
    """Lists what repeats once, as JSON; rows name it by its place in the list."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []
        self._places: dict[Any, int] = {}

    def of(self, likeness: Any, make: Any) -> int:
        place = self._places.get(likeness)
        if place is None:
            place = self._places[likeness] = len(self.texts)
            self.texts.append(make())
        return place


class Answer:
    """`steps` does the work, an object at each step; then `body` is the answer."""

    def __init__(
        self,
        router: Router,
        manager: ConnectorManager,
        settings: ConnectorSettings,
        question: Question,
    ) -> None:
        self._router, self._manager, self._settings = router, manager, settings
        self._question = question
        self._user_settings, self._connector_settings = _Places(), _Places()
        self._patterns = _Places()
        self._rows: dict[str, list[bytes]] = {
            name: [] for name in ("groups", "users", "connectors", "routes")
        }

    def steps(self) -> Iterator[None]:
        for name, rows in (
            ("groups", self._groups()),
            ("users", self._users()),
            ("connectors", self._connectors()),
            ("routes", self._routes()),
        ):
            for row in rows:
                self._rows[name].append(encode(row))
                yield

    def body(self) -> bytes:
        head = {
            "jasmin": jasmin.get_release(),
            "launcher": VERSION,
            "capabilities": CAPABILITIES,
            "epoch": _epoch(),
            "carries": open_files.carries(),
            "draining": self._manager.lane.is_draining,
            "orders": _ranges(self._router.orders()),
            "others": self._others(),
        }
        lists = {
            **self._rows,
            "user_settings": self._user_settings.texts,
            "connector_settings": self._connector_settings.texts,
            "patterns": self._patterns.texts,
        }
        parts = [encode(head)[:-1]]
        for name, rows in lists.items():
            parts += [b',"%s":[' % name.encode(), b",".join(rows), b"]"]
        return b"".join([*parts, b"}"])

    def _wanted(self, keys: Iterable[str]) -> list[str]:
        only, prefix = self._question.only, self._question.prefix
        return [key for key in keys if key.startswith(prefix) and (only is None or key in only)]

    def _keys(self, everything: Iterable[str]) -> list[str]:
        """The keys to look up; some may have no object."""
        return self._wanted(everything if self._question.only is None else self._question.only)

    def _groups(self) -> Iterator[list[Any]]:
        for gid in self._keys(self._router.groups_by_gid):
            if (group := self._router.getGroup(gid)) is not None:
                yield [gid, group.enabled]

    def _users(self) -> Iterator[list[Any]]:
        for uid in self._keys(self._router.users_by_uid):
            if (user := self._router.getUser(uid)) is not None:
                yield self._user(user)

    def _user(self, user: Any) -> list[Any]:
        place = self._user_settings.of(
            printed_settings.likeness(user), lambda: encode(printed_settings.of_user(user))
        )
        digest = self._question.digest(user.password.hex())
        known = UserStats().users.get(user.uid)  # of one that has come by
        seen = known["cnx"].smpps if known else {}
        bound = sum(seen.get("bound_connections_count", {}).values())
        submits = seen.get("submit_sm_request_count", 0)
        gid = str(user.group.gid)
        return [user.uid, gid, user.username, user.enabled, place, digest, bound, submits]

    def _connectors(self) -> Iterator[list[Any]]:
        if self._question.only is None:
            self._settings.keep_only(self._manager.rows)
        for cid in self._keys(self._manager.rows):
            if (row := self._manager.getConnector(cid)) is not None:
                yield self._connector(cid, row)

    def _connector(self, cid: str, row: dict[str, Any]) -> list[Any]:
        service, config = row["service"], row["config"]
        printed = self._settings.of(cid, config)
        place = self._connector_settings.of(printed.shared, lambda: printed.shared)
        key = config.tls_key
        return [
            cid,
            bool(service.running),
            service.connector.state,
            service.startCounter,
            service.stopCounter,
            place,
            printed.own,
            self._question.digest(str(config.password)),
            None if key is None else self._question.digest(key),
            sessions_of(service.connector),
        ]

    def _routes(self) -> Iterator[list[Any]]:
        for uid in self._keys(self._router.routed_users()):
            for order, route in self._router.routes_of(uid):
                pattern = _pattern(route)
                place = self._patterns.of(pattern, lambda text=pattern: encode(text))
                yield [order, uid, place, _cids(route)]

    def _others(self) -> dict[str, list[Any]]:
        prefix, router = self._question.prefix, self._router
        users = (user for uid, user in router.users_by_uid.items() if not uid.startswith(prefix))
        uids = (uid for uid in router.routed_users() if not uid.startswith(prefix))
        return {
            "groups": [gid for gid in router.groups_by_gid if not gid.startswith(prefix)],
            "users": [[user.uid, str(user.group.gid), user.username] for user in users],
            "connectors": [cid for cid in self._manager.rows if not cid.startswith(prefix)],
            "routes": [
                [order, _cids(route)] for uid in uids for order, route in router.routes_of(uid)
            ],
        }


def sessions_of(connector: Connector) -> list[list[Any]]:
    """A row for each SMPP session that the connector has or wants."""
    names = ("bind_type", "host", "port", "state", "since", "bind_error", "link_error")
    states = connector.session_states()
    return [[*(each[name] for name in names), each["tls_verified"]] for each in states]


def _pattern(route: Any) -> str:
    """The pattern of a route that is made as ours are; of another a description."""
    filters = [repr(each) for each in route.filters]
    rate = _FREE if route.getRate() == 0 else f"{route.getRate():.5f}"
    first = route.filters[0] if filters else None
    if type(route).__name__ == _FAILOVER and rate == _FREE and isinstance(first, UserFilter):
        (head, tail), rest = _PATTERN, ", ".join(filters[1:])
        if not rest:
            return ""
        if rest.startswith(head):
            return rest[len(head) : -len(tail)]
    return f"{type(route).__name__}, rate {rate}: {', '.join(filters)}"


def _cids(route: Any) -> list[str]:
    there = route.connector if isinstance(route.connector, list) else [route.connector]
    return [each.cid for each in there]


def _ranges(orders: Iterable[int]) -> list[list[int]]:
    """`orders`, which ascend, as pairs of first and last."""
    found: list[list[int]] = []
    for order in orders:
        if found and order == found[-1][1] + 1:
            found[-1][1] = order
        else:
            found.append([order, order])
    return found


def _epoch() -> str:
    """As `stats --httpapi` prints it."""
    started = HttpAPIStatsCollector().get().getStats()["created_at"]
    return started.strftime("%Y-%m-%d %H:%M:%S") if started else ""
