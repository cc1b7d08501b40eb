"""Sends the deliveries that rounds made, one at a time, each claimed before it is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Exists, F, OuterRef
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
    due.filter(attempts__gte=ATTEMPTS).update(
        state=NoticeDeliveryState.FAILED, error="the worker ended while it sent this"
    )
    # The end waits for the beginning: PagerDuty would open what was resolved before.
    opening = NoticeDelivery.objects.filter(
        notice=OuterRef("notice"),
        recipient=OuterRef("recipient"),
        telling=Telling.OPENED,
        state=NoticeDeliveryState.PENDING,
    )
    due = due.exclude(Exists(opening), telling=Telling.CLOSED).order_by("due_at")
    return sum(_send(pk) for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]))


def test(recipient: NoticeRecipient) -> None:
    """Send a test to this recipient and store its result. Raises NotTold."""
    recipient.tested_at, recipient.test_error = timezone.now(), ""
    try:
        _tell(
            recipient,
            title="A test of Orbit's notices",
            text="Nothing is wrong: this tests whether notices reach you.",
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
    row = NoticeDelivery.objects.select_related("notice", "recipient").filter(pk=pk).first()
    if row is None:
        return False  # its recipient was removed
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
        is_last = row.attempts >= ATTEMPTS
        NoticeDelivery.objects.filter(pk=pk).update(
            error=str(error)[:300],
            due_at=timezone.now() + _PAUSE * 2 ** (row.attempts - 1),
            state=NoticeDeliveryState.FAILED if is_last else NoticeDeliveryState.PENDING,
        )
        return False
    NoticeDelivery.objects.filter(pk=pk).update(
        state=NoticeDeliveryState.SENT, sent_at=timezone.now(), error=""
    )
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
