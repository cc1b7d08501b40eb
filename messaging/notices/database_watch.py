"""Tells operators that the database is away. Rounds can't: all that they read and write is there.

It runs in beat, which is one process and keeps in memory whom to tell, since the database can't be
asked then. Workers are many, and web processes may be none. With two beats Redis decides which of
them tells; without Redis both do.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from messaging.notices import channels, texts
from messaging.notices.decisions import CALM, Kind, Silence
from messaging.notices.models import (
    Notice,
    NoticeDelivery,
    NoticeDeliveryState,
    NoticeRecipient,
    NoticeSilence,
    NoticeState,
    Telling,
)
from orbit.db.fields import Undecryptable
from orbit.ids import new_id
from orbit.operations import heartbeats, outages

MOST = 50  # recipients that are kept
ATTEMPTS = 5  # one each look
WHAT = "The database is away"
ADVICE = (
    "Start PostgreSQL again, or see to the network on the way to it; nothing else works before."
)
_CLAIM, _CLAIM_SECONDS = "notices.database_away", 3600
logger = logging.getLogger(__name__)


@dataclass
class _Recipient:
    id: str
    url: str = field(repr=False)
    attempts: int = 0
    error: str = ""
    told: bool = False


@dataclass
class _Outage:
    """`told`: whether operators were told; `ours`: unless another beat tells them."""

    since: datetime
    why: str
    id: str = field(default_factory=lambda: new_id("inc"))
    back_since: datetime | None = None
    told: bool = False
    ours: bool = True
    recipients: list[_Recipient] = field(default_factory=list)


class Watch:
    """Looks at the database: `look` is called every few seconds."""

    def __init__(self) -> None:
        self._recipients: list[_Recipient] = []
        self._silences: list[Silence] = []
        self._outage: _Outage | None = None

    def look(self, now: datetime) -> None:
        try:
            self._read(now)
            if self._outage is not None:
                self._is_back(self._outage, now)
        except (OperationalError, InterfaceError) as error:
            if not outages.is_database_away(error):
                raise
            self._is_away(now, outages.why(error))

    def _read(self, now: datetime) -> None:
        rows = NoticeRecipient.objects.filter(organization=None)[:MOST]
        self._recipients = list(_readable(rows))
        silences = NoticeSilence.objects.filter(organization=None, end__gt=now)[:MOST]
        self._silences = [Silence(each.start, each.end, each.kind) for each in silences]

    def _is_away(self, now: datetime, why: str) -> None:
        if self._outage is None:
            self._outage = _Outage(now, why)
        outage = self._outage
        outage.back_since = None
        if not outage.told:
            lasts = now - outage.since >= timedelta(seconds=settings.NOTICE_DATABASE_AWAY)
            if not lasts or any(each.covers(Kind.DATABASE, (), now) for each in self._silences):
                return
            outage.told, outage.ours = True, _claimed()
            outage.recipients = self._recipients if outage.ours else []
        _tell(outage)

    def _is_back(self, outage: _Outage, now: datetime) -> None:
        outage.back_since = outage.back_since or now
        if not (outage.told and outage.ours):
            self._outage = None
        elif now - outage.back_since >= CALM:
            _write(outage)
            cache.delete(_CLAIM)
            self._outage = None


class WatchThread(heartbeats.Periodic):
    def __init__(self) -> None:
        super().__init__("database watch")
        self._watch = Watch()

    def work(self) -> None:
        try:
            self._watch.look(timezone.now())
        finally:
            connection.close()  # one that is open to a hanging server would hang, too


def start(**_: Any) -> None:
    WatchThread().start()


def _readable(rows: Iterable[NoticeRecipient]) -> Iterable[_Recipient]:
    for row in rows:
        try:
            yield _Recipient(row.pk, row.url)
        except Undecryptable as error:
            logger.warning("notices: recipient %s can't be told: %s", row.pk, error)


def _claimed() -> bool:
    """Whether this beat is the one that tells."""
    try:
        return bool(cache.add(_CLAIM, "told", timeout=_CLAIM_SECONDS))
    except Exception:  # of a Redis that is away, too
        return True


def _why(outage: _Outage) -> str:
    product, where = outages.database()
    return f"{product} {where}: {outage.why}"


def _tell(outage: _Outage) -> None:
    """Send it to those who were not told yet, side by side; who did not take it is asked again at
    the next look."""
    due = [each for each in outage.recipients if not each.told and each.attempts < ATTEMPTS]
    if not due:
        return
    told = texts.Told(
        what=WHAT,
        why=_why(outage),
        advice=ADVICE,
        since=outage.since,
        until=None,
        touches=(),
        changes=None,
    )

    def send(recipient: _Recipient) -> None:
        recipient.attempts += 1
        try:
            channels.send(
                recipient.url,
                title=texts.title(told),
                body=texts.body(told),
                incident=outage.id,
                is_over=False,
            )
        except channels.NotTold as error:
            recipient.error = str(error)[:300]
        else:
            recipient.told, recipient.error = True, ""

    with ThreadPoolExecutor(min(8, len(due))) as pool:
        list(pool.map(send, due))


@transaction.atomic
def _write(outage: _Outage) -> None:
    """The incident as a row, now that there is a table again. A worker tells its end to those who
    were told its beginning."""
    told_at = outage.since + timedelta(seconds=settings.NOTICE_DATABASE_AWAY)
    notice = Notice.objects.create(
        id=outage.id,
        key="database",
        kind=Kind.DATABASE,
        state=NoticeState.CLOSED,
        what=WHAT,
        why=_why(outage),
        advice=ADVICE,
        path="/admin/",
        since=outage.since,
        until=outage.back_since,
        told_at=told_at,
    )
    rows = []
    for each in outage.recipients:
        row = NoticeDelivery(
            notice=notice,
            recipient_id=each.id,
            telling=Telling.OPENED,
            state=NoticeDeliveryState.SENT if each.told else NoticeDeliveryState.FAILED,
            due_at=told_at,
            sent_at=told_at if each.told else None,
            attempts=each.attempts,
            error=each.error,
        )
        rows.append(row)
        if each.told:
            end = {"telling": Telling.CLOSED, "due_at": timezone.now()}
            rows.append(NoticeDelivery(notice=notice, recipient_id=each.id, **end))
    known = set(NoticeRecipient.objects.values_list("pk", flat=True))
    NoticeDelivery.objects.bulk_create(each for each in rows if each.recipient_id in known)
