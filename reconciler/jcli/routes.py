"""MT routes and their filters in the console. Pure.

A route is known by its order alone; the highest that matches takes the message, and there is no
fall-through. A route added at a used order replaces the one there in one turn of Jasmin's loop.
Filters belong to the console session and a route keeps a copy, so each route is typed with filters
of its own, which are removed from the session before it persists. They are named by the order: with
a shared name, a route after a refused filter would get the filter of another route.

Always FailoverMTRoute, with a lone connector named twice: a static route to an unbound connector
takes the message and drops it twenty minutes later; this one says 412 at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reconciler.jcli.commands import MAX_LINE, Command, check_identifier, session
from reconciler.jcli.errors import Garbled
from reconciler.jcli.tables import rows
from reconciler.state import Route

LIST = "mtrouter -l"
TYPE = "FailoverMTRoute"
_FREE = "0 (!)"  # how a rate of nothing is printed

_ROW = re.compile(
    r"(?P<order>\d+) +(?P<type>\w+) +(?P<rate>\S+(?: \(!\))?) +"
    r"(?P<connectors>smppc\(\S+\)(?:, smppc\(\S+\))*) *(?P<filters><.*>)?"
)
_USER = re.compile(r"(?:^|, )<U \(uid=([A-Za-z0-9_-]+)\)>(?=, <|$)")


def read(reply: Sequence[str]) -> list[Route]:
    """Return every route. One with a UserFilter is that user's, however it is made.

    Column widths vary and a pattern may hold any character, so rows are read from their ends.
    """
    found = []
    for row in rows(reply, header="Order"):
        match = _ROW.fullmatch(row.strip())
        if match is None:
            raise Garbled("a row of the route list can't be read")
        connectors = re.findall(r"smppc\(([^)]*)\)", match["connectors"])
        user = _USER.search(match["filters"] or "")
        found.append(
            Route(
                int(match["order"]),
                user.group(1) if user else "",
                _pattern(match, user) if user else "",
                tuple(connectors),
            )
        )
    return found


def doubled(cids: Iterable[str]) -> tuple[str, ...]:
    """Return each once; a lone one twice, since a failover route needs two connectors at least."""
    unique = tuple(dict.fromkeys(cids))
    return unique * 2 if len(unique) == 1 else unique


def put(route: Route) -> list[Command]:
    """Add the route, or replace the one at its order, with its filters."""
    user, destination = _filter_ids(route.order)
    filters = [user]
    commands = [_filter(user, "UserFilter", "uid", check_identifier("uid", route.user))]
    if route.pattern:
        filters.append(destination)
        commands.append(
            _filter(destination, "DestinationAddrFilter", "destination_addr", route.pattern)
        )
    named = [f"smppc({check_identifier('cid', cid)})" for cid in route.connectors]
    typed = [
        ("type", TYPE),
        ("order", str(route.order)),
        ("connectors", ";".join(named)),
        ("rate", "0"),
        ("filters", ";".join(filters)),
    ]
    lines = session("mtrouter -a", typed, limit=MAX_LINE)
    return [
        *commands,
        Command(lines, f"Successfully added MTRoute [{TYPE}] with order:{route.order}"),
    ]


def remove(order: int) -> Command:
    return Command(
        (f"mtrouter -r {order}",),
        f"Successfully removed MT Route with order:{order}",
        (f"Unknown MT Route: {order}",),
    )


def drop_filters(orders: Iterable[int]) -> list[Command]:
    """Take the filters of these routes out of the session, so that persist does not keep them."""
    return [
        Command(
            (f"filter -r {fid}",),
            f"Successfully removed Filter id:{fid}",
            (f"Unknown Filter: {fid}",),
        )
        for order in orders
        for fid in _filter_ids(order)
    ]


def _filter_ids(order: int) -> tuple[str, str]:
    """Return the fids of a route's filters, of user and destination: at most 16 characters."""
    return f"obu{order}", f"obd{order}"


def _filter(fid: str, type_: str, key: str, value: str) -> Command:
    typed = [("fid", fid), ("type", type_), (key, value)]
    lines = session("filter -a", typed, limit=MAX_LINE)
    return Command(lines, f"Successfully added Filter [{type_}] with fid:{fid}")


def _pattern(row: re.Match[str], user: re.Match[str]) -> str:
    """Return the pattern of a row that is made as ours are; of another row a description."""
    filters = row["filters"]
    rest = filters[user.end() :]
    if row["type"] == TYPE and row["rate"] == _FREE and user.start() == 0:
        if not rest:
            return ""
        head, tail = ", <DA (dst_addr=", ")>"
        if rest.startswith(head):
            return rest[len(head) : -len(tail)]
    return f"{row['type']}, rate {row['rate']}: {filters}"
