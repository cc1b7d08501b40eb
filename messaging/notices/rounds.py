"""A round: reads conditions, decides, and writes incidents and deliveries in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from messaging.notices import grouping, limits, sources
from messaging.notices.decisions import Condition, Incident, Kind, Silence, decide
from messaging.notices.models import (
    Notice,
    NoticeDelivery,
    NoticeRecipient,
    NoticeRound,
    NoticeSilence,
    NoticeState,
    Telling,
)
from orbit.accounts.models import AuditEvent

_LONGEST = timedelta(minutes=2)  # of a round: else the clock was set back
_CLOSED = 1_000  # incidents that are looked at
# After a time without rounds, as when the database was away: what waited has until the next round.
_PAUSE = timedelta(seconds=75)
_WAITED = frozenset({Kind.LOG, Kind.QUEUE})

Whom = tuple[Notice, str, int]
"""An incident, a recipient's id, and how many seconds it has to last before that is told."""
CHANGES = 20  # audit rows of the hour before


def run(now: datetime | None = None) -> None:
    """Nothing happens while another round decides."""
    now = now or timezone.now()
    conditions, unread = sources.read(now)
    NoticeRound.objects.get_or_create(pk=1)
    with transaction.atomic():
        rounds = NoticeRound.objects.select_for_update(skip_locked=True).filter(pk=1)
        row = rounds.first()
        if row is None or (row.decided_at and now < row.decided_at <= now + _LONGEST):
            return  # what was read is older than what another round has decided by
        is_first = row.decided_at is None or now - row.decided_at > _PAUSE
        row.decided_at = now
        row.save(update_fields=["decided_at"])
        _decide(conditions, unread, now, is_first=is_first)


def _decide(
    conditions: list[Condition], unread: set[Kind], now: datetime, *, is_first: bool
) -> None:
    rows = {each.pk: each for each in Notice.objects.filter(state=NoticeState.OPEN)}
    silences, closed = _silences(now), _recently_closed(now)
    open_keys = {each.key for each in rows.values()}
    times = Counter(each.key for each in closed)
    incidents = [_incident(each, limits.calm(times[each.key])) for each in rows.values()]
    if is_first:
        conditions = [
            each for each in conditions if each.key in open_keys or each.kind not in _WAITED
        ]
    conditions = grouping.causes(conditions, incidents)
    owned = Counter(limits.owner(each.organization_ids) for each in [*rows.values(), *closed])
    conditions = limits.admitted(conditions, open_keys, owned, settings.NOTICES_AT_ONCE)
    decided = decide(conditions, incidents, silences, now, unread=unread)
    opened = [_opened(each, now) for each in decided.opened]
    Notice.objects.bulk_create(opened)
    by_key = {each.key: each for each in [*rows.values(), *opened]}
    joined = {each.pk: each.organization_ids for each in rows.values() if each.told_at}
    for pk, condition in decided.seen:
        _show(rows[pk], condition)
        rows[pk].missing_since = None
    for pk in decided.missing:
        rows[pk].missing_since = now
    for pk in decided.closed:
        rows[pk].state, rows[pk].until = NoticeState.CLOSED, rows[pk].missing_since
    told = [by_key[key] for key in decided.tell_opened]
    for each in told:
        each.told_at = now
    changed = [*rows.values(), *(each for each in told if each.pk not in rows)]
    Notice.objects.bulk_update(
        changed,
        ["what", "why", "advice", "path", "touches", "missing_since", "state", "until", "told_at"],
    )
    recipients = list(NoticeRecipient.objects.defer("url"))
    _deliver(_first_told(told, recipients, silences, now), Telling.OPENED, now)
    since = [(rows[pk], rows[pk].organization_ids - known) for pk, known in joined.items()]
    _deliver(_joined(since, recipients, silences, now), Telling.OPENED, now)
    _give_up(decided.closed, now)
    _deliver(_knowing(decided.tell_closed), Telling.CLOSED, now)


def _recently_closed(now: datetime) -> list[Notice]:
    rows = Notice.objects.filter(until__gt=now - limits.MEMORY)
    return list(rows.only("key", "touches")[:_CLOSED])


def _incident(row: Notice, calm: timedelta) -> Incident:
    return Incident(
        id=row.pk,
        key=row.key,
        kind=Kind(row.kind),
        organization_ids=row.organization_ids,
        missing_since=row.missing_since,
        told=row.told_at is not None,
        calm=calm,
    )


def _silences(now: datetime) -> list[Silence]:
    rows = NoticeSilence.objects.filter(start__lte=now, end__gt=now)
    return [Silence(each.start, each.end, each.kind, each.organization_id or "") for each in rows]


def _opened(condition: Condition, now: datetime) -> Notice:
    row = Notice(key=condition.key, kind=condition.kind.value, since=condition.since or now)
    _show(row, condition)
    row.changes = _changes(condition, row.since)
    return row


def _show(row: Notice, condition: Condition) -> None:
    row.what, row.why = condition.what[:300], condition.why
    row.advice, row.path = condition.advice[:300], condition.path
    row.touches = [[each.organization_id, each.name] for each in condition.touches]


def _changes(condition: Condition, since: datetime) -> list[dict[str, str]]:
    """What people did in the hour before, to those whom it touches or to the installation."""
    mine = Q(organization_id=None) | Q(organization_id__in=condition.organization_ids)
    rows = AuditEvent.objects.filter(mine, at__gte=since - timedelta(hours=1), outcome="ok")
    recent = rows.order_by("-id")[:CHANGES]
    return [
        {
            "organization_id": each.organization_id or "",
            "at": f"{each.at:%H:%M:%S}",
            "action": each.action,
            "target": each.target,
            "actor": each.actor_name,
        }
        for each in recent
    ]


def _first_told(
    notices: Iterable[Notice],
    recipients: Iterable[NoticeRecipient],
    silences: Sequence[Silence],
    now: datetime,
) -> Iterator[Whom]:
    """Operators are told of everything, organisations of what touches them."""
    for notice in notices:
        for each in recipients:
            if each.organization_id is None and _wants(each, notice):
                yield notice, each.pk, each.after
        yield from _joined([(notice, notice.organization_ids)], recipients, silences, now)


def _joined(
    notices: Iterable[tuple[Notice, frozenset[str]]],
    recipients: Iterable[NoticeRecipient],
    silences: Sequence[Silence],
    now: datetime,
) -> Iterator[Whom]:
    """Recipients of these organisations, but for those with a silence now."""
    for notice, organization_ids in notices:
        for each in recipients:
            whose = each.organization_id
            if whose not in organization_ids or not _wants(each, notice):
                continue
            if not any(one.covers(Kind(notice.kind), {whose}, now) for one in silences):
                yield notice, each.pk, each.after


def _wants(recipient: NoticeRecipient, notice: Notice) -> bool:
    return not recipient.kinds or notice.kind in recipient.kinds


def _give_up(closed: Iterable[str], now: datetime) -> None:
    """Delete what waits until an incident has lasted, since it did not."""
    waiting = NoticeDelivery.objects.filter(
        notice__in=list(closed), telling=Telling.OPENED, attempts=0, due_at__gt=now
    )
    waiting.delete()


def _knowing(ids: Iterable[str]) -> Iterator[Whom]:
    """All who were told that these have opened, also those whom they touch no more."""
    told = NoticeDelivery.objects.filter(notice__in=list(ids), telling=Telling.OPENED)
    for each in told.select_related("notice"):
        yield each.notice, each.recipient_id, 0


def _deliver(whom: Iterable[Whom], telling: Telling, now: datetime) -> None:
    NoticeDelivery.objects.bulk_create(
        [
            NoticeDelivery(
                notice=notice,
                recipient_id=pk,
                telling=telling,
                due_at=max(now, notice.since + timedelta(seconds=after)) if after else now,
            )
            for notice, pk, after in whom
        ],
        ignore_conflicts=True,
    )
