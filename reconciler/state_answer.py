"""What a gateway has, from its answer to `POST /lane/state` (`gateway_api`). Pure.

An answer that is not whole raises Garbled; it never looks empty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from reconciler.jasmin.route_orders import block_of
from reconciler.jcli.errors import Garbled
from reconciler.state import (
    Connector,
    Greeting,
    Group,
    Kind,
    Route,
    Sealed,
    Session,
    State,
    Traffic,
    User,
    is_ours,
)

MOST_ORDERS = 1_000_000  # of routes: no gateway has so many


@dataclass(frozen=True)
class StateAnswer:
    """`carries`: connectors that the gateway's limit of open files allows."""

    state: State
    greeting: Greeting
    carries: int


def question(only: Collection[str] | None, *, prefix: str, salt: bytes) -> dict[str, Any]:
    keys = None if only is None else sorted(only)
    return {"prefix": prefix, "only": keys, "salt": salt.hex()}


def read(
    answer: Mapping[str, Any], key: bytes, *, only: Collection[str] | None = None
) -> StateAnswer:
    """Read an answer. `key`: of the digests; `only`: the keys that the question named.

    Objects that the question did not ask for are left out: a pass deletes what is not wanted.
    Raises Garbled.
    """
    try:
        return StateAnswer(
            _state(answer, key, only),
            Greeting(
                str(answer["jasmin"])[:32],
                str(answer["launcher"])[:32],
                frozenset(map(str, answer["capabilities"])),
            ),
            int(answer["carries"]),
        )
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Garbled("the gateway's answer about its state can't be read") from error


def _state(answer: Mapping[str, Any], key: bytes, only: Collection[str] | None) -> State:
    def asked(key: str) -> bool:
        return is_ours(key) and (only is None or key in only)

    others = answer["others"]
    users = [_user(row, answer["user_settings"], key) for row in answer["users"]]
    connectors = [
        _connector(row, answer["connector_settings"], key) for row in answer["connectors"]
    ]
    routes = (_route(row, answer["patterns"]) for row in answer["routes"])
    return State(
        groups={gid: Group(gid, enabled) for gid, enabled in answer["groups"] if asked(gid)},
        users={user.uid: user for user in users if asked(user.uid)},
        connectors={each.cid: each for each in connectors if asked(each.cid)},
        routes=tuple(route for route in routes if asked(route.user)),
        orders=_orders(answer["orders"]),
        conflicts=tuple(_conflicts(others["routes"])),
        foreign={
            Kind.GROUP: tuple(sorted(others["groups"])),
            Kind.USER: tuple(sorted(uid for uid, _, _ in others["users"])),
            Kind.CONNECTOR: tuple(sorted(others["connectors"])),
            Kind.ROUTE: tuple(str(order) for order, _ in others["routes"]),
        },
        foreign_usernames=frozenset(username for _, _, username in others["users"]),
        foreign_members=frozenset(gid for _, gid, _ in others["users"]),
        epoch=str(answer["epoch"]),
        is_draining=bool(answer.get("draining")),  # not told by a launcher of before
        traffic={row[0]: Traffic(int(row[6]), int(row[7])) for row in answer["users"]},
    )


def _orders(ranges: Sequence[Sequence[int]]) -> frozenset[int]:
    """Expand the ranges, which name many orders in a few octets."""
    spans = [range(first, last + 1) for first, last in ranges]
    if sum(map(len, spans)) > MOST_ORDERS:
        raise ValueError("too many orders")
    return frozenset(chain.from_iterable(spans))


def _user(row: Sequence[Any], settings: Sequence[Mapping[str, str]], key: bytes) -> User:
    uid, gid, username, enabled, place, digest, *_ = row
    return User(uid, gid, username, enabled, settings[place], Sealed(key, digest))


def _connector(row: Sequence[Any], settings: Sequence[Mapping[str, str]], key: bytes) -> Connector:
    cid, running, session, starts, stops, place, own, password, tls_key, sessions = row
    return Connector(
        cid,
        running,
        {**settings[place], **own},
        Sealed(key, password),
        session,
        starts,
        stops,
        "" if tls_key is None else Sealed(key, tls_key),
        tuple(Session(*each) for each in sessions),
    )


def _route(row: Sequence[Any], patterns: Sequence[str]) -> Route:
    order, uid, place, cids = row
    return Route(int(order), uid, patterns[place], tuple(cids))


def _conflicts(routes: Iterable[Sequence[Any]]) -> Iterable[str]:
    return (
        conflict(order, cids)
        for order, cids in routes
        if block_of(order) or any(map(is_ours, cids))
    )


def conflict(order: int, cids: Iterable[str]) -> str:
    """A route that is not ours stands among our orders, or sends through our connectors."""
    return (
        f"conflict: route {order} is not ours, but uses our orders or connectors "
        f"({', '.join(dict.fromkeys(cids))}); it is left alone"
    )
