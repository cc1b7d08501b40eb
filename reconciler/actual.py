"""What Jasmin has: console → State. Unreadable or incomplete raises; it never looks empty.

Of a stock Jasmin: of one behind our launcher `state_answer` reads the same. Order: lists first
(they carry totals), then one `-s` for each of our objects, pipelined. When one vanishes between the
two, all is read again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from reconciler.jasmin.route_orders import block_of
from reconciler.jcli import connectors, groups, routes, users
from reconciler.jcli.console import Console
from reconciler.jcli.errors import Garbled, Vanished
from reconciler.jcli.tables import table
from reconciler.state import Connector, Group, Kind, Route, State, Traffic, User, is_ours
from reconciler.state_answer import conflict

STATS = "stats --httpapi"
BOOT_PAUSE = 2.0  # seconds between two equal lists that mean "the profile is loaded"
BOOT_LIMIT = 120.0
BATCH = 250  # shows in one write: a quarter of a second in a Jasmin with thousands of connectors


def read(console: Console, *, only: Collection[str] | None = None) -> State:
    """Read our objects in full, the others by name; `only`: just these keys (gid, uid, cid)."""
    try:
        return _read(console, only)
    except Vanished:
        return _read(console, only)


def _read(console: Console, only: Collection[str] | None) -> State:
    def wanted(key: str) -> bool:
        return is_ours(key) and (only is None or key in only)

    stats, group_list, user_list, connector_list, route_list = console.ask(
        STATS, groups.LIST, users.LIST, connectors.LIST, routes.LIST
    )
    group_rows = groups.read(group_list)
    user_rows = users.read(user_list)
    connector_rows = connectors.read(connector_list)
    uids = [uid for uid in user_rows if wanted(uid)]
    cids = [cid for cid in connector_rows if wanted(cid)]
    shown = _ask_all(console, [*map(users.show, uids), *map(connectors.show, cids)])
    all_routes = routes.read(route_list)
    foreign_routes = [route for route in all_routes if not is_ours(route.user)]
    foreign_users = [row for row in user_rows.values() if not is_ours(row.uid)]
    return State(
        groups={gid: Group(gid, enabled) for gid, enabled in group_rows.items() if wanted(gid)},
        users={uid: _user(user_rows[uid], reply) for uid, reply in zip(uids, shown, strict=False)},
        connectors={
            cid: _connector(connector_rows[cid], reply)
            for cid, reply in zip(cids, shown[len(uids) :], strict=True)
        },
        routes=tuple(route for route in all_routes if wanted(route.user)),
        orders=frozenset(route.order for route in all_routes),
        conflicts=tuple(
            conflict(each.order, each.connectors) for each in filter(_meets_ours, foreign_routes)
        ),
        foreign={
            Kind.GROUP: _foreign(group_rows),
            Kind.USER: _foreign(user_rows),
            Kind.CONNECTOR: _foreign(connector_rows),
            Kind.ROUTE: tuple(str(route.order) for route in foreign_routes),
        },
        foreign_usernames=frozenset(row.username for row in foreign_users),
        foreign_members=frozenset(row.gid for row in foreign_users),
        epoch=epoch_of(stats),
    )


def _ask_all(console: Console, lines: Sequence[str]) -> list[list[str]]:
    """Ask a batch at a time: Jasmin answers none before it has read all of a write, and messages
    wait meanwhile."""
    starts = range(0, len(lines), BATCH)
    return [reply for start in starts for reply in console.ask(*lines[start : start + BATCH])]


def read_epoch(console: Console) -> str:
    """Return when this Jasmin started, in its own spelling; another value is another process."""
    return epoch_of(console.ask(STATS)[0])


def epoch_of(reply: list[str]) -> str:
    created = table(reply).get("created_at", "")
    if not created:
        raise Garbled("the statistics do not say when Jasmin started")
    return created


def wait_for_boot(console: Console, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until a Jasmin that has just started has loaded its connectors.

    Its ports open before it has loaded them, one AMQP round trip each: a connector added in this
    window could exist twice. Loaded = the list is the same twice, BOOT_PAUSE apart.
    """
    deadline = time.monotonic() + BOOT_LIMIT
    before = connectors.read(console.ask(connectors.LIST)[0]).keys()
    while time.monotonic() < deadline:
        sleep(BOOT_PAUSE)
        now = connectors.read(console.ask(connectors.LIST)[0]).keys()
        if now == before:
            return
        before = now
    raise Garbled(f"the connectors of a starting Jasmin kept changing for {BOOT_LIMIT:g} s")


def read_sessions(console: Console) -> dict[str, connectors.Row]:
    """Return cid → row of `smppccm -l` for ours: the binds as they are now."""
    found = connectors.read(console.ask(connectors.LIST)[0])
    return {cid: row for cid, row in found.items() if is_ours(cid)}


def read_attempts(console: Console, cids: Collection[str]) -> dict[str, connectors.Attempts]:
    """Return cid → TCP connections and accepted binds since Jasmin started."""
    ordered = list(cids)
    replies = console.ask(*map(connectors.attempts, ordered)) if ordered else []
    return {
        cid: connectors.read_attempts(reply) for cid, reply in zip(ordered, replies, strict=True)
    }


def read_traffic(console: Console, uids: Collection[str]) -> dict[str, Traffic]:
    """Return uid → traffic of its user on Jasmin's SMPP server."""
    ordered = list(uids)
    replies = _ask_all(console, [*map(users.stats, ordered)])
    return {
        uid: Traffic(users.read_bound(reply), users.read_submits(reply))
        for uid, reply in zip(ordered, replies, strict=True)
    }


def _user(row: users.Row, reply: list[str]) -> User:
    settings = users.read_settings(reply)
    if not settings:
        raise Vanished("a user vanished while it was read")
    return User(row.uid, row.gid, row.username, row.enabled, settings)


def _connector(row: connectors.Row, reply: list[str]) -> Connector:
    settings = connectors.read_settings(reply)
    if "host" not in settings:
        raise Vanished("a connector vanished while it was read")
    password = settings.pop(connectors.PASSWORD, "")
    key = settings.pop(connectors.TLS_KEY, connectors.NONE)
    return Connector(
        row.cid, row.running, settings, password, row.session, row.starts, row.stops,
        tls_key="" if key == connectors.NONE else key,
    )  # fmt: skip


def _meets_ours(route: Route) -> bool:
    """Does a route that is not ours stand among our orders, or send through our connectors?"""
    return bool(block_of(route.order)) or any(map(is_ours, route.connectors))


def _foreign(rows: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(key for key in rows if not is_ours(key)))
