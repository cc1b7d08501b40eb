"""Apply what platforms answered to deliver_sm, as recorded in the gateway's log.

Runs in the transaction that stores how far the log was read, so that each answer counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from messaging import bulk
from messaging.inbound import access_queue
from messaging.inbound.models import AccessState, InboundPdu

PERMANENT = (0x65, 0x66)  # ESME_RX_P_APPN, ESME_RX_R_APPN: SMPP 3.4 §5.1.3
LEAST, MOST = timedelta(seconds=1), timedelta(minutes=5)  # until a text is offered again
GROWTH = 4  # a text is offered again after a quarter of its age


@dataclass(frozen=True)
class Delivered:
    """An offer that has ended. `status`: of deliver_sm_resp, None without one; `is_sent`: the
    platform may have the text even so."""

    token: str
    status: int | None
    is_sent: bool


def apply(results: Sequence[Delivered]) -> None:
    """End texts that were accepted or refused, and schedule the others again."""
    by_token = {each.token: each for each in results}
    rows = _rows(by_token) if by_token else {}
    ends: dict[AccessState, list[int]] = defaultdict(list)
    later: dict[int, dict[str, datetime]] = {}
    now = timezone.now()
    for token, result in by_token.items():
        row = rows.get(token.rpartition(":")[0])
        if row is None or row.access_due_at is None:
            continue
        if result.status == 0:
            ends[AccessState.DELIVERED].append(row.pk)
        elif result.status in PERMANENT:
            ends[AccessState.REFUSED].append(row.pk)
        elif token == access_queue.token_of(row):
            later[row.pk] = {"access_due_at": _next(row, result, now)}
    for state, ids in ends.items():
        access_queue.settle(ids, state)
    bulk.update(InboundPdu, later, ("access_due_at",))


def _next(row: InboundPdu, result: Delivered, now: datetime) -> datetime:
    """When to offer it again: later each time, but at once if the platform was no longer bound."""
    if result.status is None and not result.is_sent:
        return now
    return now + min(MOST, max(LEAST, (now - row.received_at) / GROWTH))


def _rows(tokens: Sequence[str] | dict[str, Delivered]) -> dict[str, InboundPdu]:
    """Lock the rows of these offers; by `log:number`."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for token in tokens:
        log, number, due = (token.split(":") + ["", ""])[:3]
        if number.isdecimal() and due.isdecimal():
            numbers[log].append(int(number))
    found = {}
    for log, of_log in numbers.items():
        rows = InboundPdu.objects.filter(log=log, number__in=of_log).order_by("id")
        for row in rows.select_for_update(of=("self",)).defer("raw", "fields", "tlvs", "octets"):
            found[f"{row.log}:{row.number}"] = row
    return found
