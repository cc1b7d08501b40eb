"""Sends what rounds have left, one delivery at a time, each claimed before it is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from messaging.notices import channels
from messaging.notices.models import (
    Notice,
    NoticeDelivery,
    NoticeDeliveryState,
    NoticeRecipient,
    Telling,
)
from messaging.notices.texts import Told, body, title
from orbit.db.fields import Undecryptable

ATTEMPTS = 5
AT_ONCE = 50  # of one task; beat comes again
_CLAIM = timedelta(minutes=3)  # longer than an attempt lasts
_PAUSE = timedelta(seconds=30)  # after the first attempt, doubled each time


def send_due(now: datetime | None = None) -> int:
    """Send what is due; return how many were sent."""
    now = now or timezone.now()
    due = NoticeDelivery.objects.filter(state=NoticeDeliveryState.PENDING, due_at__lte=now)
    ids = list(due.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_send(pk) for pk in ids)


def test(recipient: NoticeRecipient) -> None:
    """Send a word to this recipient, and write down what came of it. Raises NotTold."""
    recipient.tested_at, recipient.test_error = timezone.now(), ""
    try:
        _tell(
            recipient,
            title="A test of Orbit's notices",
            text="Nothing is wrong: somebody tries whether you are told.",
            incident=f"test-{recipient.pk}",
            is_over=True,
        )
    except channels.NotTold as error:
        recipient.test_error = str(error)[:300]
        raise
    finally:
        recipient.save(update_fields=["tested_at", "test_error"])


def _send(pk: int) -> bool:
    now = timezone.now()
    waiting = NoticeDelivery.objects.filter(
        pk=pk, state=NoticeDeliveryState.PENDING, due_at__lte=now
    )
    if not waiting.update(due_at=now + _CLAIM, attempts=F("attempts") + 1):
        return False  # another worker has it
    row = NoticeDelivery.objects.select_related("notice", "recipient").get(pk=pk)
    told = _told(row.notice, row.recipient, row.telling)
    try:
        _tell(
            row.recipient,
            title=title(told),
            text=body(told),
            incident=row.notice_id,
            is_over=row.telling == Telling.CLOSED,
        )
    except channels.NotTold as error:
        row.error = str(error)[:300]
        row.due_at = timezone.now() + _PAUSE * 2 ** (row.attempts - 1)
        if row.attempts >= ATTEMPTS:
            row.state = NoticeDeliveryState.FAILED
        row.save(update_fields=["error", "due_at", "state"])
        return False
    row.state, row.sent_at, row.error = NoticeDeliveryState.SENT, timezone.now(), ""
    row.save(update_fields=["state", "sent_at", "error"])
    return True


def _tell(
    recipient: NoticeRecipient, *, title: str, text: str, incident: str, is_over: bool
) -> None:
    try:
        url = recipient.url
    except Undecryptable as error:
        raise channels.NotTold(str(error)) from None
    channels.send(url, title=title, body=text, incident=incident, is_over=is_over)


def _told(notice: Notice, recipient: NoticeRecipient, telling: str) -> Told:
    return Told(
        what=notice.what,
        why=notice.why,
        advice=notice.advice,
        since=notice.since,
        until=notice.until if telling == Telling.CLOSED else None,
        touches=notice.touches,
        changes=notice.changes,
        link=urljoin(settings.SITE_URL, f"/admin/messaging/notice/{notice.pk}/change/"),
        reader=recipient.organization_id or "",
    )
