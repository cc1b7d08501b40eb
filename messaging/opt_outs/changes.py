"""Changes of a list: numbers put on it and taken off, with their events and the list's version.

Everything happens in the caller's transaction. Rows are written before versions are counted up, and
both in order, so that transactions that meet wait for each other and none for ever. The count of an
organisation stays locked until the end: whoever sees a version sees all that it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from django.db.models import F

from messaging import bulk
from messaging.opt_outs.models import OptOut
from messaging.webhooks import events
from messaging.webhooks.events import NewEvent
from messaging.webhooks.models import EventType
from orbit.accounts.models import Organization

_COLUMNS = (
    "id", "organization_id", "number", "scope", "source", "message_id", "reason", "created_at",
)  # fmt: skip
CHUNK = 1000


def add(wanted: Iterable[OptOut]) -> list[OptOut]:
    """Put these on their lists, made of the model and not saved; return those that are new, in
    the order of organisation, number and scope."""
    found = iter(sorted(_once(wanted), key=_place))
    new: list[OptOut] = []
    while chunk := list(islice(found, CHUNK)):
        new += _insert(chunk)
    _announce(new, EventType.CONTACT_OPTED_OUT)
    _count_up({each.organization_id for each in new})
    return new


def remove(
    rows: Sequence[OptOut], *, source: str, message_ids: Mapping[str, str] | None = None
) -> int:
    """Take these off; return how many. `source`: what did it; `message_ids`: the texts that asked
    for it, by the id of the row."""
    gone = []
    for each in sorted(rows, key=_place):
        deleted, _ = OptOut.objects.filter(pk=each.pk).delete()
        if deleted:
            gone.append(each)
    _announce(gone, EventType.CONTACT_OPTED_IN, source=source, message_ids=message_ids or {})
    _count_up({each.organization_id for each in gone})
    return len(gone)


def _once(wanted: Iterable[OptOut]) -> Iterable[OptOut]:
    return {_place(each): each for each in reversed(list(wanted))}.values()


def _place(row: OptOut) -> tuple[str, str, str]:
    return row.organization_id, row.number, row.scope


def _insert(rows: Sequence[OptOut]) -> list[OptOut]:
    """Insert those that are not there; two at once for one number are one."""
    there = _there(rows)
    missing = [each for each in rows if _place(each) not in there]
    values = [tuple(getattr(each, name) for name in _COLUMNS) for each in missing]
    written = bulk.insert(OptOut, _COLUMNS, values, ignore_conflicts=True)
    if written == len(missing):
        return missing
    kept = OptOut.objects.filter(pk__in=[each.pk for each in missing]).order_by()
    own = set(kept.values_list("pk", flat=True))
    return [each for each in missing if each.pk in own]


def _there(rows: Sequence[OptOut]) -> set[tuple[str, str, str]]:
    """Read beforehand, since a number may be there in another form, sealed or clear."""
    found = OptOut.objects.filter(
        organization__in={each.organization_id for each in rows},
        number__in={each.number for each in rows},
    )
    return set(found.order_by().values_list("organization_id", "number", "scope"))


def _announce(
    rows: Sequence[OptOut],
    type: EventType,
    *,
    source: str = "",
    message_ids: Mapping[str, str] | None = None,
) -> None:
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        events.emit_many([_event(each, type, source, message_ids) for each in chunk])


def _event(
    row: OptOut, type: EventType, source: str, message_ids: Mapping[str, str] | None
) -> NewEvent:
    message_id = row.message_id if message_ids is None else message_ids.get(row.pk)
    data = {
        "number": row.number,
        "scope": row.scope,
        "source": source or row.source,
        "opt_out_id": row.pk,
        "message_id": message_id or None,
    }
    return NewEvent(organization_id=row.organization_id, type=type, data=data)


def _count_up(organization_ids: set[str]) -> None:
    for each in sorted(organization_ids):
        Organization.objects.filter(pk=each).update(opt_outs=F("opt_outs") + 1)
