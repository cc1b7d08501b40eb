"""Deliveries of notices: their order, their retries, and workers that die."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from messaging.notices import channels, deliveries, tasks
from messaging.notices.models import Notice, NoticeDelivery, NoticeRecipient
from tests.factories import lose_key


class Killed(BaseException):
    """The worker ends at once, with nothing written."""


@pytest.fixture
def delivery(db) -> NoticeDelivery:
    """The beginning of an incident, due, for one recipient."""
    recipient = NoticeRecipient.objects.create(
        name="ops", url="jsons://example.com/", scheme="jsons"
    )
    notice = Notice.objects.create(key="disk", kind="disk", what="Full", since=timezone.now())
    return NoticeDelivery.objects.create(
        notice=notice, recipient=recipient, telling="opened", due_at=timezone.now()
    )


def answering(monkeypatch, answer: Callable[[bool], None]) -> list[bool]:
    """What is sent, by whether it says that the incident is over."""
    sent: list[bool] = []

    def send(url: str, *, is_over: bool, **said: object) -> None:
        answer(is_over)
        sent.append(is_over)

    monkeypatch.setattr(channels, "send", send)
    return sent


def refuse(is_over: bool) -> None:
    raise channels.NotTold("no answer")


def make_due() -> None:
    NoticeDelivery.objects.update(due_at=timezone.now())


def test_the_end_is_told_after_the_beginning_whose_server_was_away(delivery, monkeypatch) -> None:
    answering(monkeypatch, refuse)
    deliveries.send_due()
    NoticeDelivery.objects.create(
        notice=delivery.notice,
        recipient=delivery.recipient,
        telling="closed",
        due_at=timezone.now(),
    )
    sent = answering(monkeypatch, lambda is_over: None)

    deliveries.send_due()
    early = list(sent)
    for _ in range(2):
        make_due()
        deliveries.send_due()

    assert early == []
    assert sent == [False, True]


def test_a_delivery_that_ends_its_worker_each_time_is_given_up(delivery, monkeypatch) -> None:
    def kill(is_over: bool) -> None:
        raise Killed

    answering(monkeypatch, kill)
    for _ in range(deliveries.ATTEMPTS):
        make_due()
        with pytest.raises(Killed):
            deliveries.send_due()
    sent = answering(monkeypatch, lambda is_over: None)

    make_due()
    deliveries.send_due()

    delivery.refresh_from_db()
    assert (delivery.state, sent) == ("failed", [])
    assert "worker" in delivery.error


def test_what_a_killed_worker_had_claimed_is_sent_by_the_next(delivery, monkeypatch) -> None:
    def kill(is_over: bool) -> None:
        raise Killed

    answering(monkeypatch, kill)
    with pytest.raises(Killed):
        deliveries.send_due()
    sent = answering(monkeypatch, lambda is_over: None)

    deliveries.send_due()
    early = list(sent)
    make_due()
    deliveries.send_due()

    assert early == []
    assert sent == [False]


def test_a_recipient_that_is_removed_meanwhile_stops_no_others(delivery, monkeypatch) -> None:
    sent = answering(monkeypatch, lambda is_over: delivery.recipient.delete())

    deliveries.send_due()

    assert sent == [False]
    assert not NoticeDelivery.objects.exists()


def test_a_url_whose_key_is_lost_fails_with_the_reason_and_stops_no_others(
    delivery, monkeypatch
) -> None:
    other = NoticeRecipient.objects.create(name="night", url="jsons://example.org/", scheme="jsons")
    NoticeDelivery.objects.create(
        notice=delivery.notice, recipient=other, telling="opened", due_at=timezone.now()
    )
    lose_key(delivery.recipient, "url")
    sent = answering(monkeypatch, lambda is_over: None)

    assert deliveries.send_due() == 1

    assert sent == [False]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    assert "no key in FERNET_KEYS decrypts it" in delivery.error


def test_what_another_worker_has_taken_meanwhile_is_sent_by_that_one_alone(
    delivery, monkeypatch
) -> None:
    second = NoticeDelivery.objects.create(
        notice=Notice.objects.create(key="b", kind="bind", what="Down", since=timezone.now()),
        recipient=delivery.recipient, telling="opened", due_at=timezone.now(),
    )  # fmt: skip
    other_worker: list[int] = []

    def send_of_other(is_over: bool) -> None:
        if not other_worker:
            other_worker.append(0)
            other_worker[0] = deliveries.send_due()

    sent = answering(monkeypatch, send_of_other)

    assert (deliveries.send_due(), other_worker) == (1, [1])
    assert len(sent) == 2
    second.refresh_from_db()
    assert (second.state, second.attempts) == ("sent", 1)


def test_the_workers_task_sends_what_is_due(delivery, monkeypatch) -> None:
    sent = answering(monkeypatch, lambda is_over: None)

    tasks.deliver()
    tasks.deliver()

    assert sent == [False]
