"""A page of a log is a few statements, and decides as its records would one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.messages.models import Message
from messaging.receipts import parts
from messaging.receipts.models import Part, StrayReceipt
from messaging.webhooks.models import Delivery, Event, Webhook
from tests.messaging.messages.dispatch.conftest import AMERICA, read
from tests.messaging.receipts.conftest import Log

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def statements_of(step: Callable[[], None]) -> int:
    with CaptureQueriesContext(connection) as found:
        step()
    return len(found)


def answers_and_receipts(log: Log, messages: list[Message], accounts: int = 1) -> None:
    for number, message in enumerate(messages):
        log.account = f"account-{number % accounts}"
        log.answer(message, id=f"{message.pk[-6:]}{number}")
        log.receipt(id=f"{message.pk[-6:]}{number}")


@pytest.mark.parametrize("accounts", [1, 5])
def test_its_statements_do_not_grow_with_it(organization, log, send, accounts):
    Webhook.objects.create(
        organization=organization,
        url="https://192.0.2.1/",
        events=["*"],
        secret_set_at=timezone.now(),
    )
    few, many = [send() for _ in range(2)], [send() for _ in range(10)]
    answers_and_receipts(log, few)
    before = statements_of(log.take)

    answers_and_receipts(log, many, accounts)
    assert statements_of(log.take) == before <= 11

    assert set(Message.objects.values_list("status", flat=True)) == {"delivered"}
    assert Event.objects.count() == Delivery.objects.count() == 2 * 12


def test_nor_do_those_of_receipts_alone(log, send):
    counts = []
    for size in (2, 10):
        messages = [send() for _ in range(size)]
        for number, message in enumerate(messages):
            log.answer(message, id=f"{size}X{number}")
        log.take()
        for number in range(size):
            log.receipt(id=f"{size}X{number}")
        counts.append(statements_of(log.take))

    assert counts[0] == counts[1] <= 7
    assert set(Message.objects.values_list("status", flat=True)) == {"delivered"}


def test_a_part_is_written_as_its_page_leaves_it(log, send):
    message = send()
    log.answer(message)
    log.receipt(err="0")
    log.take()

    part = Part.objects.get()
    assert (part.owner, part.attempt, part.number, part.of) == (message.pk, 1, 0, 1)
    assert (part.status, part.carrier_id, part.id_key) == (0, "A1B2C3", "A1B2C3")
    assert (part.state, part.word, part.error) == ("delivered", "DELIVRD", "0")
    assert part.answered_at <= part.reported_at


@pytest.mark.parametrize("together", [True, False])
def test_of_two_answers_to_one_part_the_first_counts(log, send, together):
    message = send()
    log.answer(message, id="FIRST")
    if not together:
        log.take()
    log.answer(message, id="OTHER", status=8)
    log.receipt(id="OTHER")
    log.take()

    assert Part.objects.get().carrier_id == "FIRST"
    assert (read(message).status, read(message).carrier_message_id) == ("sent", "FIRST")
    assert StrayReceipt.objects.get().ids == ["OTHER"]


@pytest.mark.parametrize("together", [True, False])
def test_a_receipt_that_matches_nothing_and_comes_again_is_kept_once(log, send, together):
    log.receipt(sequence=7, session="s1")
    if not together:
        log.take()
    log.receipt(sequence=1, session="s2")
    log.receipt(stat="UNDELIV")
    log.take()

    assert sorted(StrayReceipt.objects.values_list("word", flat=True)) == ["DELIVRD", "UNDELIV"]


def test_the_last_answer_and_all_receipts_of_a_long_text_come_in_one_page(log, send):
    message = send(body="a" * 400)
    for part in (2, 0):
        log.answer(message, id=f"P{part}", part=part, parts=3)
        log.take()
    log.receipt(id="P0")
    log.answer(message, id="P1", part=1, parts=3)
    log.receipt(id="P2")
    log.receipt(id="P1")
    log.take()

    assert [each["status"] for each in read(message).events[-2:]] == ["sent", "delivered"]
    assert [part.state for part in Part.objects.order_by("number")] == ["delivered"] * 3


def test_an_id_that_is_used_again_in_one_page_is_that_of_the_latest(log, send):
    first, second = send(), send()
    log.answer(first)
    log.answer(second)
    log.receipt()
    log.take()

    assert (read(first).status, read(second).status) == ("sent", "delivered")


def test_of_a_carrier_that_has_one_id_for_all_the_latest_are_looked_at(log, send, monkeypatch):
    monkeypatch.setattr(parts, "MOST_OF_A_KEY", 2)
    old, new = send(to=AMERICA), [send() for _ in range(2)]
    for message in (old, *new):
        log.answer(message)
    log.take()
    log.receipt(source=AMERICA[1:])
    log.receipt()
    log.take()

    assert [read(each).status for each in (old, *new)] == ["sent", "sent", "delivered"]
    assert StrayReceipt.objects.count() == 1
