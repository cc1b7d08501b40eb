"""Messages that no gateway takes now wait, say why once, and are tried less and less often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.gateway import Refusal, Refused
from messaging.messages.dispatch import run
from messaging.messages.models import Message, MessageStatus
from tests.messaging.messages.dispatch.conftest import bind, make_carrier, make_message, read

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_without_a_bound_carrier_it_waits_and_says_so(organization, message, carrier, fake):
    bind(carrier, "unbound")

    assert run.dispatch(organization.pk) == run.LATER

    assert read(message).status == MessageStatus.QUEUED
    assert fake.asked == []

    bind(carrier, "bound")
    run.dispatch(organization.pk)

    assert read(message).status == MessageStatus.SENDING


def test_while_the_gateway_is_down_it_waits(organization, message, fake):
    fake.down = True

    assert run.dispatch(organization.pk) == run.LATER

    assert read(message).status == MessageStatus.QUEUED


@pytest.mark.parametrize("kind", [Refusal.UNAVAILABLE, Refusal.TOO_FAST])
def test_what_passes_is_tried_again_later(organization, message, fake, kind):
    fake.answers["north"] = Refused(kind, "not now", True)
    run.dispatch(organization.pk)
    waiting = read(message)
    assert (waiting.claimed_at, waiting.carrier_id, waiting.sender) == (None, None, "")

    fake.answers.clear()
    Message.objects.update(next_attempt_at=timezone.now())
    run.dispatch(organization.pk)

    assert read(message).taken_at is not None
    assert len(fake.taken) == 1


def details(message):
    return [event["detail"] for event in read(message).events]


def try_again(organization):
    """As if its time had come."""
    Message.objects.update(next_attempt_at=timezone.now())
    run.dispatch(organization.pk)


def test_each_reason_is_one_event_that_counts(organization, carrier, message, fake):
    for reason in ["Redis is away"] * 5 + ["it is down"] * 5:
        fake.answers["north"] = Refused(Refusal.UNAVAILABLE, reason, True)
        try_again(organization)
    fake.answers.clear()
    try_again(organization)

    assert details(message)[1:] == [
        *("through north, from ACME", "not taken: Redis is away (5 times)"),
        *("through north, from ACME", "not taken: it is down (5 times)"),
        "through north, from ACME",
    ]


def test_two_carriers_that_refuse_in_turn_do_not_fill_the_events(organization, fake):
    for name in ("north", "south"):
        make_carrier(organization, name)
        fake.answers[name] = Refused(Refusal.NOT_BOUND, f"{name} is down", True)
    message = make_message(organization)
    for _ in range(5):
        try_again(organization)

    assert len(details(message)) == 5


def test_what_a_gateway_does_not_take_is_tried_less_and_less_often(
    organization, carrier, message, fake
):
    fake.answers["north"] = Refused(Refusal.UNAVAILABLE, "Redis is away", True)
    pauses = []
    for _ in range(6):
        try_again(organization)
        waits = read(message)
        pauses.append(round((waits.next_attempt_at - waits.updated_at).total_seconds()))

    assert pauses == [1, 2, 4, 8, 15, 15]


def test_an_attempt_without_a_request_leaves_no_event(organization, message, fake, monkeypatch):
    """A gateway that hangs over another credential's messages may do so for hours."""
    monkeypatch.setattr("messaging.messages.dispatch.claim.LEASE", timedelta(seconds=-1))
    before = details(message)

    for _ in range(3):
        try_again(organization)

    assert details(message) == before
