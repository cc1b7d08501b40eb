"""Claims that a killed worker leaves behind, and overdue messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.credentials.models import Credential
from messaging.gateway import Refusal, Refused, Unknown
from messaging.messages.dispatch import outcome, queue, recovery, run
from messaging.messages.models import Message
from tests.messaging.messages.dispatch.conftest import (
    NOT_BOUND,
    make_carrier,
    make_message,
    read,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def lost(organization, message, fake) -> Message:
    """A claim without an answer: the gateway took it, or did not."""
    fake.answers["north"] = Unknown("it hangs")
    run.dispatch(organization.pk)
    fake.answers.clear()
    Message.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    return message


def record(slow: Message, answer: Refused) -> None:
    """What the worker that had the message like this would write down."""
    claims = [recovery._claim(slow)]
    outcome.record(claims, [answer], at=slow.claimed_at, leased_until=slow.leased_until)


def test_a_claim_with_an_expired_lease_is_handed_over_again(lost, fake):
    recovery.recover()

    assert len(fake.taken) == 1
    assert read(lost).taken_at is not None


def test_what_the_gateway_had_taken_is_not_taken_twice(lost, fake):
    fake.taken[fake.asked[0]["token"]] = fake.asked[0]

    recovery.recover()

    assert len(fake.taken) == 1
    assert read(lost).taken_at is not None


def test_a_clock_that_was_set_back_makes_no_lease_longer(lost, fake):
    Message.objects.update(leased_until=timezone.now() + timedelta(hours=1))

    recovery.recover()

    assert read(lost).taken_at is not None


def test_a_claim_is_handed_over_by_one_worker_at_a_time(lost, fake):
    Message.objects.update(leased_until=timezone.now() + timedelta(seconds=5))

    recovery.recover()

    assert len(fake.asked) == 1


def test_another_gateway_or_store_is_not_asked_to_take_it(lost, fake):
    fake.lane = "b" * 32

    recovery.recover()

    assert fake.taken == {}
    row = read(lost)
    assert (row.status, row.leased_until) == ("sending", None)


def test_a_gateway_that_cannot_say_what_it_took_is_not_asked(lost, fake):
    Message.objects.update(lane="")

    recovery.recover()

    assert len(fake.asked) == 1
    assert read(lost).leased_until is None


def test_a_claim_older_than_the_gateways_memory_is_not_handed_over(lost, fake):
    Message.objects.update(claimed_at=timezone.now() - timedelta(minutes=59))

    recovery.recover()

    assert len(fake.asked) == 1


def test_a_gateway_that_hangs_holds_up_no_other(organization, lost, fake, monkeypatch):
    other = make_carrier(organization, "other")
    second = make_message(organization, wanted_carrier=other)
    fake.answers = {name: Unknown("it hangs") for name in ("north", "other")}
    run.dispatch(organization.pk)
    for name in ("north", "other"):
        credential = Credential.objects.get(name=name)
        Message.objects.filter(credential=credential).update(lane=name)
    Message.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    trunks = fake.trunks
    monkeypatch.setattr(
        fake,
        "trunks",
        lambda ids: {pk: replace(each, lane=each.name) for pk, each in trunks(ids).items()},
    )

    fake.asked.clear()
    recovery.recover()

    assert sorted(each["through"] for each in fake.asked) == ["north", "other"]
    assert read(second).claimed_at is not None


@pytest.mark.stack
def test_messages_that_await_a_report_are_locked_as_pages_lock_them(lost, fake):
    """By id: in any other order the two can deadlock, and a page of a log is taken one by one."""
    Message.objects.update(lane="")

    with CaptureQueriesContext(connection) as found:
        recovery.recover()

    (update,) = [each["sql"] for each in found if '"taken_at" =' in each["sql"]]
    assert 'ORDER BY "messaging_message"."id" FOR NO KEY UPDATE' in update


def test_while_the_gateway_is_away_it_is_tried_later(lost, fake):
    fake.down = True

    recovery.recover()

    assert read(lost).leased_until > timezone.now()


def test_who_cannot_be_reached_may_have_taken_it_before(lost, fake):
    fake.taken[fake.asked[0]["token"]] = fake.asked[0]
    fake.answers["north"] = Refused(Refusal.UNAVAILABLE, "it refuses connections", True)

    recovery.recover()

    row = read(lost)
    assert (row.attempt, row.claimed_at is None) == (1, False)
    assert row.leased_until > timezone.now()


def test_a_worker_that_was_slow_does_not_give_back_what_another_handed_over(lost, fake):
    slow = read(lost)
    fake.answers["north"] = Unknown("it hangs")
    recovery.recover()

    record(slow, NOT_BOUND)

    assert read(lost).claimed_at == slow.claimed_at


def test_a_refusal_that_comes_so_late_fails_nothing(lost, fake):
    slow = read(lost)
    fake.answers["north"] = Unknown("it hangs")
    recovery.recover()

    record(slow, Refused(Refusal.REJECTED, "never", False))

    assert read(lost).status == "sending"


def test_what_is_refused_at_the_second_try_chooses_anew(organization, lost, fake):
    fake.answers["north"] = NOT_BOUND

    recovery.recover()
    fake.answers.clear()
    run.dispatch(organization.pk)

    assert read(lost).attempt == 1  # the same name: the gateway has never had it
    assert len(fake.taken) == 1


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

    recovery.end_overdue()

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

    recovery.end_overdue()

    assert read(message).finished_at is None


def test_what_is_reported_and_not_read_yet_is_not_overdue(message, fake):
    """The receiver was away for an hour: the messages of that hour have their end in the log."""
    sent = timezone.now() - timedelta(seconds=2000)
    Message.objects.update(status="sending", claimed_at=sent, lane=fake.lane)
    fake.behind = {fake.lane: timezone.now() - timedelta(hours=1)}

    recovery.end_overdue()
    assert read(message).finished_at is None

    fake.behind = {}
    recovery.end_overdue()
    assert read(message).error_code == "OUTCOME_UNKNOWN"


def test_a_gateway_that_is_away_keeps_no_message_of_another_open(message, fake):
    sent = timezone.now() - timedelta(seconds=2000)
    Message.objects.update(status="sending", claimed_at=sent, lane=fake.lane)
    fake.behind = {"b" * 32: timezone.now() - timedelta(hours=1)}

    recovery.end_overdue()

    assert read(message).error_code == "OUTCOME_UNKNOWN"


def test_a_gateway_that_was_lost_for_good_keeps_nothing_open_for_ever(message, fake, settings):
    settings.GATEWAY_LOG_PATIENCE_HOURS = 2
    sent = timezone.now() - timedelta(hours=2, seconds=1501)
    Message.objects.update(status="sending", claimed_at=sent, lane=fake.lane)
    fake.behind = {fake.lane: timezone.now() - timedelta(days=9)}

    recovery.end_overdue()

    assert read(message).error_code == "OUTCOME_UNKNOWN"


class TestOfAGatewayThatIsDrainedOrLost:
    """`lost` was handed over to its lane, and its organisation is served by another one now."""

    @pytest.fixture(autouse=True)
    def _moved(self, lost, fake):
        self.old, fake.lane = fake.lane, "b" * 32

    def test_what_it_says_it_never_took_goes_to_the_other_one(self, organization, lost, fake):
        fake.untaken_by_lane[self.old] = frozenset({fake.asked[0]["token"]})

        recovery.recover()
        assert (read(lost).claimed_at, read(lost).attempt) == (None, 0)

        run.dispatch(organization.pk)
        assert read(lost).lane == fake.lane
        assert len(fake.taken) == 1

    def test_what_it_may_have_taken_goes_to_no_other(self, organization, lost, fake):
        fake.untaken_by_lane[self.old] = frozenset()

        recovery.recover()
        run.dispatch(organization.pk)

        assert fake.taken == {}
        assert (read(lost).lane, read(lost).leased_until) == (self.old, None)

    def test_while_it_cannot_be_asked_it_is_asked_again_later(self, organization, lost, fake):
        fake.untaken_by_lane[self.old] = None

        recovery.recover()
        run.dispatch(organization.pk)

        assert fake.taken == {}
        assert read(lost).leased_until > timezone.now()
        assert read(lost).taken_at is None

    def test_it_is_asked_although_no_gateway_takes_the_organisations_messages(self, lost, fake):
        fake.down = True
        fake.untaken_by_lane[self.old] = frozenset({fake.asked[0]["token"]})

        recovery.recover()

        assert read(lost).claimed_at is None


def test_organisations_with_something_due_are_found(organization, message):
    assert queue.organizations() == [organization.pk]

    Message.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=9))

    assert queue.organizations() == []
