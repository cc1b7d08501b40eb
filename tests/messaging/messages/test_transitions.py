"""What each status may become, and what is written when it does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.messages.models import UNFINISHED, Message, MessageStatus
from messaging.messages.transitions import ALLOWED_TRANSITIONS, ImpossibleTransition, Transitions
from tests.messaging.messages.conftest import make_message, stored

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ENDS = [each for each in MessageStatus if each not in UNFINISHED]


def test_what_has_ended_becomes_nothing_else():
    assert set(ALLOWED_TRANSITIONS) == set(UNFINISHED)


@pytest.mark.parametrize("ended", ENDS)
def test_a_move_after_the_end_is_refused_and_changes_nothing(organization, ended):
    message, transitions = make_message(organization, status=ended), Transitions()
    before = stored(message.pk)

    with pytest.raises(ImpossibleTransition, match=ended):
        transitions.sent(message)
    for status in ENDS:
        with pytest.raises(ImpossibleTransition):
            transitions.end(message, status)
    with pytest.raises(ImpossibleTransition):
        transitions.wait(message, timezone.now(), "throttled")
    transitions.save()

    after = stored(message.pk)
    assert (after.status, after.events, after.finished_at) == (
        ended,
        before.events,
        before.finished_at,
    )


@pytest.mark.parametrize(
    ("status", "to"),
    [("sent", "failed"), ("queued", "delivered"), ("queued", "submitted_no_receipt")],
)
def test_it_is_not_told_what_cannot_be(organization, status, to):
    message = make_message(organization, status=status)

    with pytest.raises(ImpossibleTransition):
        Transitions().end(message, MessageStatus(to))


def test_what_a_carrier_has_is_not_tried_again(organization):
    message = make_message(organization, status="sent", sent_at=timezone.now())

    with pytest.raises(ImpossibleTransition):
        Transitions().choose_again(message, timezone.now(), "throttled")


def test_many_are_written_in_two_statements_and_nothing_else_of_them(organization):
    messages = [make_message(organization, to=f"+3363998{n:04}") for n in range(6)]
    Message.objects.update(status="sending", attempt=1, carrier="carr_1")
    transitions = Transitions()
    for message in Message.objects.order_by("id")[:4]:
        transitions.sent(message, "its answer")
    for message in Message.objects.order_by("id")[4:]:
        transitions.wait(message, timezone.now() + timedelta(seconds=2), "throttled")
    Message.objects.update(body="of another writer")

    with CaptureQueriesContext(connection) as statements:
        transitions.save()

    updates = [each for each in statements.captured_queries if "UPDATE" in each["sql"]]
    assert len(updates) == 2
    rows = [stored(each.pk) for each in messages]
    assert [row.status for row in rows] == ["sent"] * 4 + ["sending"] * 2
    assert {row.body for row in rows} == {"of another writer"}
    assert [row.events[-1]["detail"] for row in rows] == ["its answer"] * 4 + ["throttled"] * 2
    assert {row.group_key for row in rows[4:]} != {row.group_key for row in rows[:4]}


def test_events_of_another_writer_stay(organization):
    message = make_message(organization, status="sending")
    read_before = stored(message.pk)
    Message.objects.filter(pk=message.pk).update(events=[{"status": "x", "at": "", "detail": "1"}])

    transitions = Transitions()
    transitions.sent(read_before, "2")
    transitions.save()

    assert [each["detail"] for each in stored(message.pk).events] == ["1", "2"]
