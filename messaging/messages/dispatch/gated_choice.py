"""Choose carriers with regard to opt-outs: a message queued before the person's STOP is not sent.

An opt-out of an organisation, pool or named sender is known before the choice. An opt-out of a
sender that the pool chooses is known only after it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from messaging.messages.dispatch.queue import Row
from messaging.opt_outs.gate import OPTED_OUT, Gate, Refusal, Send
from messaging.routing.router import Router
from messaging.routing.values import Route, RouteRequest, Unroutable, Waiting

Answer = Route | Unroutable | Waiting


def choose(
    organization_id: str,
    rows: Sequence[Row],
    wanted: Sequence[RouteRequest],
    routes: Router,
    *,
    usable: Collection[str],
    room: dict[str, int],
) -> list[Answer]:
    """`Router.choose`, with Unroutable for messages to people who have opted out.

    Messages refused before the choice take no turn of a pool and no room.
    """
    gate = Gate(organization_id, {row.to for row in rows})
    if gate.is_open:
        return routes.choose(wanted, usable=usable, room=room)
    refused = {row.id: gate.refusal(_named(row), message_id=row.id) for row in rows}
    free = [place for place, row in enumerate(rows) if not refused[row.id]]
    chosen = routes.choose([wanted[place] for place in free], usable=usable, room=room)
    answers: dict[int, Answer] = {}
    for place, answer in zip(free, chosen, strict=True):
        row = rows[place]
        if isinstance(answer, Route):
            send = Send(row.to, answer.sender, answer.pool_id)
            refused[row.id] = gate.refusal(send, message_id=row.id)
        answers[place] = answer
    return [
        _unroutable(refusal) if (refusal := refused[row.id]) else answers[place]
        for place, row in enumerate(rows)
    ]


def _named(row: Row) -> Send:
    return Send(row.to, row.wanted_sender, row.wanted_pool_id)


def _unroutable(refusal: Refusal) -> Unroutable:
    return Unroutable(OPTED_OUT, refusal.message, "to")
