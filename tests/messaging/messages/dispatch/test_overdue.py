"""Messages that have waited too long: for a carrier, for an answer, for a receipt."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.messages.dispatch import overdue
from messaging.messages.models import Message
from tests.messaging.messages.dispatch.conftest import read

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"created_at": timedelta(hours=25)}, "expired", "NOT_SENT_IN_TIME"),
        (
            {"status": "sending", "claimed_at": timedelta(seconds=1501)},
            "submitted_no_receipt",
            "OUTCOME_UNKNOWN",
        ),
        ({"status": "sent", "sent_at": timedelta(hours=25)}, "submitted_no_receipt", "NO_RECEIPT"),
    ],
)
def test_what_is_overdue_ends_with_a_reason(message, fields, status, code):
    ages = {
        name: timezone.now() - value if isinstance(value, timedelta) else value
        for name, value in fields.items()
    }
    Message.objects.update(**ages)

    overdue.end_overdue()

    row = read(message)
    assert (row.status, row.error_code) == (status, code)
    assert row.finished_at is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"created_at": timedelta(hours=23)},
        {"status": "sending", "claimed_at": timedelta(seconds=1400)},
        {"status": "sent", "sent_at": timedelta(hours=23)},
    ],
)
def test_what_has_time_left_goes_on(message, fields):
    ages = {
        name: timezone.now() - value if isinstance(value, timedelta) else value
        for name, value in fields.items()
    }
    Message.objects.update(**ages)

    overdue.end_overdue()

    assert read(message).finished_at is None


def test_what_is_reported_and_not_read_yet_is_not_overdue(message, fake):
    """The receiver was away for an hour: the messages of that hour have their end in the log."""
    sent = timezone.now() - timedelta(seconds=2000)
    Message.objects.update(status="sending", claimed_at=sent, lane=fake.lane)
    fake.behind = {fake.lane: timezone.now() - timedelta(hours=1)}

    overdue.end_overdue()
    assert read(message).finished_at is None

    fake.behind = {}
    overdue.end_overdue()
    assert read(message).error_code == "OUTCOME_UNKNOWN"


def test_a_gateway_that_is_away_keeps_no_message_of_another_open(message, fake):
    sent = timezone.now() - timedelta(seconds=2000)
    Message.objects.update(status="sending", claimed_at=sent, lane=fake.lane)
    fake.behind = {"b" * 32: timezone.now() - timedelta(hours=1)}

    overdue.end_overdue()

    assert read(message).error_code == "OUTCOME_UNKNOWN"


def test_a_gateway_that_was_lost_for_good_keeps_nothing_open_for_ever(message, fake, settings):
    settings.GATEWAY_LOG_PATIENCE_HOURS = 2
    sent = timezone.now() - timedelta(hours=2, seconds=1501)
    Message.objects.update(status="sending", claimed_at=sent, lane=fake.lane)
    fake.behind = {fake.lane: timezone.now() - timedelta(days=9)}

    overdue.end_overdue()

    assert read(message).error_code == "OUTCOME_UNKNOWN"
