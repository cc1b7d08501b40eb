"""Add numbers to and remove them from opt-out lists, with their events and the lists' versions.

Everything happens in the caller's transaction. Rows are written before versions are raised, both in
a fixed order, so that concurrent transactions wait for each other without deadlock. The version's
row stays locked until the end: a reader of a version can read all changes that it includes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

Place = tuple[str, str, str]
"""Organisation, number, scope: the unique key of an opt-out."""


def add(wanted: Iterable[OptOut]) -> list[OptOut]:
    """Add unsaved rows to their lists; return those that are new."""
    first: dict[Place, OptOut] = {}
    for each in wanted:
        first.setdefault(place_of(each), each)
    return list(add_in_order(first[place] for place in sorted(first)))


def add_in_order(wanted: Iterable[OptOut]) -> Iterator[OptOut]:
    """`add` for rows too many to hold in memory; the caller sorts them and leaves out
    repetitions."""
    rows, changed = iter(wanted), set()
    while chunk := list(islice(rows, CHUNK)):
        new = _insert(chunk)
        _announce(new, EventType.CONTACT_OPTED_OUT)
        changed |= {each.organization_id for each in new}
        yield from new
    _count_up(changed)


def remove(
    rows: Sequence[OptOut], *, source: str, message_ids: Mapping[str, str] | None = None
) -> list[OptOut]:
    """Remove rows; return those that were still there. `source`: who or what removes them;
    `message_ids`: by the row's id, the text that asked for it."""
    gone = []
    for each in sorted(rows, key=place_of):
        deleted, _ = OptOut.objects.filter(pk=each.pk).delete()
        if deleted:
            gone.append(each)
    _announce(gone, EventType.CONTACT_OPTED_IN, source=source, message_ids=message_ids or {})
    _count_up({each.organization_id for each in gone})
    return gone


def there(rows: Sequence[OptOut]) -> set[Place]:
    """Which of these are on the lists already, whether their numbers are stored sealed or in the
    clear."""
    found = OptOut.objects.filter(
        organization__in={each.organization_id for each in rows},
        number__in={each.number for each in rows},
    )
    return set(found.order_by().values_list("organization_id", "number", "scope"))


def place_of(row: OptOut) -> Place:
    return row.organization_id, row.number, row.scope


def _insert(rows: Sequence[OptOut]) -> list[OptOut]:
    """Insert the missing rows; of concurrent inserts of one number only one counts as new."""
    known = there(rows)
    missing = [each for each in rows if place_of(each) not in known]
    values = [tuple(getattr(each, name) for name in _COLUMNS) for each in missing]
    if bulk.insert(OptOut, _COLUMNS, values, ignore_conflicts=True) == len(missing):
        return missing
    kept = OptOut.objects.filter(pk__in=[each.pk for each in missing]).order_by()
    own = set(kept.values_list("pk", flat=True))
    return [each for each in missing if each.pk in own]


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
