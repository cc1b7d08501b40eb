"""Receipts of long texts: the worst end wins, and some carriers report one part only."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from messaging.messages.models import Message
from messaging.receipts import recovery
from tests.messaging.messages.dispatch.conftest import read

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

LONG = "x" * 400  # three parts


@pytest.fixture
def message(log, send) -> Message:
    """Taken by the carrier as P0, P1 and P2."""
    made = send(body=LONG)
    for part in range(3):
        log.answer(made, id=f"P{part}", part=part, parts=3)
    log.take()
    return made


def test_it_is_delivered_once_all_parts_are(log, message):
    for part in (2, 0):
        log.receipt(id=f"P{part}")
        log.take()
        assert read(message).status == "sent"
    log.receipt(id="P1")
    log.take()

    row = read(message)
    assert (row.status, row.settle_at) == ("delivered", None)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_one_part_that_is_not_delivered_ends_it(log, message, order):
    for part in order:
        if part == 0:
            log.receipt("UNDELIV", id="P0", err="021")
        else:
            log.receipt(id=f"P{part}")
        log.take()

    row = read(message)
    assert (row.status, row.error_code) == ("undelivered", "UNDELIV")
    assert "part 1 of 3: UNDELIV (err 021)" in row.error_message


def test_one_part_only_settles_it_after_a_minute_and_says_so(log, message):
    log.receipt(id="P0")
    log.take()
    recovery.end_partly_delivered()
    assert read(message).status == "sent"

    _a_minute_later()
    recovery.end_partly_delivered()

    row = read(message)
    assert row.status == "delivered"
    assert "reported 1 of 3 parts" in row.events[-1]["detail"]


def test_not_while_reports_of_that_minute_are_unread(log, message, fake):
    log.receipt(id="P0")
    log.take()
    _a_minute_later()
    fake.until = timezone.now() - timedelta(minutes=5)
    recovery.end_partly_delivered()

    assert read(message).status == "sent"


def test_a_carrier_that_speaks_of_the_others_is_waited_for(log, message):
    log.receipt(id="P0")
    log.receipt("ACCEPTD", id="P1")
    log.take()
    _a_minute_later()
    recovery.end_partly_delivered()
    assert read(message).status == "sent"

    log.receipt("EXPIRED", id="P1")
    log.take()
    assert read(message).status == "expired"


def test_a_part_that_has_no_answer_yet_is_waited_for(log, send):
    made = send(body=LONG)
    log.answer(made, id="P0", part=0, parts=3)
    log.receipt(id="P0")
    log.take()
    _a_minute_later()
    recovery.end_partly_delivered()

    row = read(made)
    assert row.finished_at is None
    assert row.settle_at > timezone.now()


def test_interim_receipts_of_parts_end_nothing(log, message):
    for part in range(3):
        log.receipt("ENROUTE", id=f"P{part}")
    log.take()
    assert read(message).status == "sent"

    for part in range(3):
        log.receipt(id=f"P{part}")
    log.take()
    assert read(message).status == "delivered"


def _a_minute_later() -> None:
    Message.objects.update(settle_at=timezone.now() - timedelta(seconds=1))


def test_one_sweep_settles_all_that_is_due_however_many(log, send, monkeypatch):
    monkeypatch.setattr(recovery, "MOST", 2)
    made = [send(body=LONG) for _ in range(5)]
    for number, message in enumerate(made):
        for part in range(3):
            log.answer(message, id=f"{number}P{part}", part=part, parts=3)
        log.receipt(id=f"{number}P0")
    log.take()
    Message.objects.update(settle_at=timezone.now() - timedelta(seconds=1))

    recovery.sweep()

    assert {read(each).status for each in made} == {"delivered"}
