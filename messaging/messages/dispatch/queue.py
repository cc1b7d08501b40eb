"""The queue of waiting messages, read by group: a look costs as much as there are groups.

The index `message_waits` is walked from the first message of a group to the first of the next one
(a loose index scan, which neither database does by itself), and within a group only over messages
that are due.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from messaging import bulk
from messaging.messages.dispatch_groups import group_key_of
from messaging.messages.models import UNSENT, Message
from orbit.accounts.models import Organization

MOST = 500  # messages in one transaction of `_group_ungrouped`
# Longer than any pause. A message that is due later than this was written before the clock was set
# back, and counts as due now.
LONGEST_PAUSE = timedelta(seconds=60)
_OWNERS = Organization._meta.db_table
SENDING = "sending"  # a state of campaigns, which build on this noun
# Must equal the condition of the index `message_waits`, so that both databases use it.
_WAITS = "claimed_at IS NULL AND status IN ('queued', 'sending')"
_GOES = (
    " AND EXISTS (SELECT 1 FROM messaging_campaign"
    f" WHERE id = %s AND status = '{SENDING}')"  # nosec B608  # a constant
)
_IN_ORDER = "organization_id, group_key, next_attempt_at, id"


@dataclass(frozen=True, slots=True)
class Group:
    """Messages of one organisation that try the same carriers. `first_at`: when the first of them
    is due; `gated`: the organisation has, or had, opt-outs."""

    organization_id: str
    key: str
    first_at: datetime
    campaign_id: str | None
    country: str
    wanted_carrier_id: str | None
    wanted_pool_id: str | None
    again: str | None  # id of the carrier to be tried once more
    passed_over: tuple[str, ...]
    gated: bool = False

    def is_due(self, now: datetime) -> bool:
        """Whether it has a message that is due."""
        return self.first_at <= now or self.is_ahead(now)

    def is_ahead(self, now: datetime) -> bool:
        """Whether all its messages were written before the clock was set back."""
        return self.first_at > now + LONGEST_PAUSE


@dataclass(frozen=True, slots=True)
class Row:
    """A locked message that waits: the columns of its model."""

    id: str
    attempt: int
    to: str
    country: str
    body: str
    tlvs: list[dict[str, Any]]
    wanted_sender: str
    wanted_pool_id: str | None
    wanted_carrier_id: str | None
    carrier_id: str | None
    sender: str
    sender_pool_id: str | None
    is_final: bool
    passed_over: tuple[str, ...]
    refusals: int
    campaign_id: str | None


_TO, _BODY = Message._meta.get_field("to"), Message._meta.get_field("body")
_COLUMNS = ", ".join(f'"{name}"' for name in Row.__slots__)


def groups(organization_id: str | None = None) -> list[Group]:
    """Groups with waiting messages, due or not; of all organisations if none is named.

    Groups of campaigns that are paused are left out. Messages without a group (key "") form one.
    """
    with connection.cursor() as cursor:
        cursor.execute(*_first_of_each(organization_id))
        return [_group(row) for row in cursor.fetchall()]


def due(organization_id: str) -> list[Group]:
    """Groups with a due message: single messages before campaigns, and of each kind the longest
    waiting first."""
    now = timezone.now()
    waiting = groups(organization_id)
    if any(not each.key for each in waiting):
        _group_ungrouped(organization_id)
        waiting = groups(organization_id)
    found = [each for each in waiting if each.key and each.is_due(now)]
    return sorted(found, key=lambda each: (each.campaign_id is not None, each.first_at))


def _group_ungrouped(organization_id: str) -> None:
    """Give groups to messages written by a process of the previous version since the migration. As
    one group, messages of a paused campaign and others would all be sent or all wait."""
    with transaction.atomic():
        ungrouped = Message.objects.filter(
            organization=organization_id, group_key="", status__in=UNSENT, claimed_at=None
        ).order_by("next_attempt_at", "id")
        rows = ungrouped.select_for_update(of=("self",), skip_locked=True)[:MOST]
        keys = {each.pk: {"group_key": group_key_of(each)} for each in rows}
        bulk.update(Message, keys, ("group_key",))


def due_in(organization_id: str) -> float | None:
    """Seconds until the next message is due; None if none waits."""
    now = timezone.now()
    waits = [
        0.0 if each.is_due(now) else (each.first_at - now).total_seconds()
        for each in groups(organization_id)
    ]
    return min(waits, default=None)


def organizations() -> list[str]:
    """Organisations with messages that are due."""
    now = timezone.now()
    return sorted({each.organization_id for each in groups() if each.is_due(now)})


def lock(wanted: Sequence[tuple[Group, int]], *, most: int) -> list[Row]:
    """Lock up to `most` due messages, in the order of `wanted`: `(group, at most so many)`.

    Messages that another transaction has locked are skipped, and those of a campaign that was
    paused since its group was read.
    """
    pieces, parameters = [], []
    now = timezone.now()
    due_by, ahead_of = (
        connection.ops.adapt_datetimefield_value(each) for each in (now, now + LONGEST_PAUSE)
    )
    locking = " FOR NO KEY UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    for number, (group, count) in enumerate(wanted):
        campaign = [] if group.campaign_id is None else [group.campaign_id]
        ahead = group.is_ahead(now)
        pieces.append(
            f"SELECT * FROM (SELECT {_COLUMNS} FROM {_table()}"  # nosec B608  # our names
            " WHERE organization_id = %s"
            f" AND group_key = %s AND {_WAITS} AND next_attempt_at {'>' if ahead else '<='} %s"
            f"{_GOES * len(campaign)}"
            f" ORDER BY next_attempt_at, id LIMIT %s{locking}) AS g{number}"
        )
        moment = ahead_of if ahead else due_by
        parameters += [group.organization_id, group.key, moment, *campaign, count]
    if not pieces:
        return []
    union = " UNION ALL ".join(pieces)
    statement = f"SELECT * FROM ({union}) AS waiting LIMIT %s"  # nosec B608  # the pieces above
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, most])
        return [_row(values) for values in cursor.fetchall()]


def _first_of_each(organization_id: str | None) -> tuple[str, list[str]]:
    """A statement of the first message of each group, and its parameters."""
    own = "" if organization_id is None else " AND organization_id = %s"
    after = "(n.organization_id, n.group_key) > (p.organization_id, p.group_key)"
    if organization_id is not None:
        after = "n.organization_id = p.organization_id AND n.group_key > p.group_key"
    table = _table()
    statement = (
        "WITH RECURSIVE firsts(id) AS ("  # nosec B608  # our names
        f"SELECT (SELECT id FROM {table} WHERE {_WAITS}{own} ORDER BY {_IN_ORDER} LIMIT 1)"
        f" UNION ALL "
        f"SELECT (SELECT n.id FROM {table} n WHERE {_WAITS} AND {after} "
        f"ORDER BY {_IN_ORDER} LIMIT 1) FROM firsts JOIN {table} p ON p.id = firsts.id) "
        f"SELECT m.organization_id, m.group_key, m.next_attempt_at, m.campaign_id, m.country, "
        f"m.wanted_carrier_id, m.wanted_pool_id, m.carrier_id, m.is_final, m.passed_over, "
        f"(SELECT opt_outs FROM {_OWNERS} WHERE id = m.organization_id) "
        f"FROM firsts JOIN {table} m ON m.id = firsts.id "
        f"LEFT JOIN messaging_campaign c ON c.id = m.campaign_id "
        f"WHERE m.campaign_id IS NULL OR c.status = '{SENDING}' OR m.group_key = ''"
    )
    return statement, [] if organization_id is None else [organization_id]


def _group(row: tuple) -> Group:
    (
        organization_id,
        key,
        first_at,
        campaign_id,
        country,
        carrier_id,
        pool_id,
        same,
        final,
        passed,
        opt_outs,
    ) = row
    return Group(
        organization_id=organization_id,
        key=key,
        first_at=_moment(first_at),
        campaign_id=campaign_id,
        country=country,
        wanted_carrier_id=carrier_id,
        wanted_pool_id=pool_id,
        again=same if final else None,
        passed_over=_ids(passed),
        gated=bool(opt_outs),
    )


def _row(values: Sequence[Any]) -> Row:
    found = dict(zip(Row.__slots__, values, strict=True))
    found["tlvs"] = [] if found["tlvs"] == "[]" else json.loads(found["tlvs"])
    found["to"], found["body"] = _TO.opened(found["to"]), _BODY.opened(found["body"])
    found["passed_over"] = _ids(found["passed_over"])
    found["is_final"] = bool(found["is_final"])
    return Row(**found)


def _ids(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _moment(value: datetime) -> datetime:
    return value if timezone.is_aware(value) else timezone.make_aware(value, UTC)  # SQLite


def _table() -> str:
    return connection.ops.quote_name(Message._meta.db_table)
