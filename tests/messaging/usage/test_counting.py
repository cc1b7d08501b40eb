"""A message counts once, where its carrier took it, by its last status."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.gateway import JasminReport, Refusal, Refused
from messaging.messages.dispatch import overdue, run
from messaging.messages.dispatch.retry import TRIES
from messaging.messages.models import Message, MessageStatus
from messaging.messages.transitions import Transitions
from messaging.quality.outcomes import NO_BUCKET
from messaging.receipts import jasmin_reports
from messaging.usage.models import UsageRecord
from tests.messaging.messages.dispatch.conftest import (
    AMERICA,
    make_carrier,
    make_message,
    make_pool,
    read,
)
from tests.messaging.usage.conftest import statuses

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def carrier(organization):
    return make_carrier(organization, billing_rate=Decimal("0.0125"), currency="EUR")


@pytest.fixture
def stock(organization, carrier, fake) -> str:
    """The address at which a stock Jasmin reports of a message that it has."""
    fake.lane = ""
    make_message(organization)
    run.dispatch(organization.pk)
    return fake.asked[0]["dlr_token"]


def only(**fields) -> UsageRecord:
    return UsageRecord.objects.get(**fields)


def test_a_message_is_sent_until_its_receipt_says_more(log, send):
    message = send()
    assert statuses() == {}
    log.answer(message)
    log.take()
    assert statuses() == {"sent": 1}

    log.receipt()
    log.take()

    assert statuses() == {"delivered": 1}


def test_it_counts_with_all_that_tells_sums_apart(log, send, carrier):
    message = send(body="x" * 161)
    for part in (0, 1):
        log.answer(message, part=part, parts=2, id=f"A{part}")
    log.take()

    row, sent = only(), read(message)
    assert (row.organization_id, row.carrier_id) == (carrier.organization_id, carrier.pk)
    assert (row.credential_id, row.country) == (carrier.credential_id, "FR")
    assert (row.sender_type, row.status, row.outcome) == ("alphanumeric", "sent", "waiting")
    assert (row.messages, row.segments) == (1, 2)
    assert (row.amount, row.currency) == (Decimal("0.025"), "EUR")
    assert row.minute == sent.sent_at.replace(second=0, microsecond=0)


def test_a_late_receipt_changes_the_minute_in_which_the_message_was_taken(log, send):
    message = send()
    log.answer(message)
    log.take()
    yesterday = timezone.now() - timedelta(hours=20)
    Message.objects.update(sent_at=yesterday, claimed_at=yesterday)

    log.receipt("UNDELIV", err="069")
    log.take()

    row = only(status="undelivered")
    assert row.minute == yesterday.replace(second=0, microsecond=0)
    assert (row.outcome, row.code) == ("undelivered", "UNDELIV 069")
    assert only(status="sent", messages=-1).minute == row.minute


def test_answer_and_receipt_of_one_page_leave_the_end_alone(log, send):
    message = send()
    log.answer(message)
    log.written[-1]["at"] -= 10  # it is taken to be when the message was claimed
    log.receipt()
    log.written[-1]["at"] = message.claimed_at.timestamp() + 0.1  # however busy this machine is
    log.take()

    row = only()
    assert (row.status, row.outcome, row.messages) == ("delivered", "delivered", 1)
    assert row.bucket == 0


def test_receipts_that_come_late_twice_or_after_the_end_count_nothing(log, send):
    message = send()
    log.answer(message)
    log.receipt()
    log.take()

    log.receipt()
    log.receipt("UNDELIV")
    log.take()

    assert statuses() == {"delivered": 1}


@pytest.mark.parametrize(
    ("stat", "status", "code"),
    [("EXPIRED", "expired", "EXPIRED 027"), ("REJECTD", "undelivered", "REJECTD 027")],
)
def test_the_carriers_own_code_is_counted(log, send, stat, status, code):
    message = send()
    log.answer(message)
    log.receipt(stat, err="027")
    log.take()

    row = only(status=status)
    assert (row.outcome, row.code) == ("undelivered", code)


def test_what_a_carrier_refuses_costs_nothing(log, send):
    message = send()
    log.answer(message, status=0x45, id="")
    log.take()

    assert statuses() == {"failed": 1}
    failed = only(status="failed")
    assert (failed.outcome, failed.amount, failed.currency) == ("", 0, "")
    refusal = only(status="")
    assert (refusal.outcome, refusal.code, refusal.segments) == ("refused", "ESME_RSUBMITFAIL", 0)


def test_each_refusal_for_now_counts_for_the_carrier_and_the_message_once(
    log, send, organization, carrier
):
    message = send()
    for attempt in range(1, TRIES + 1):
        log.answer(f"{message.pk}.{attempt}", status=0x58, id="")
        log.take()
        Message.objects.update(next_attempt_at=timezone.now())
        run.dispatch(organization.pk)

    assert statuses() == {}
    refusals = UsageRecord.objects.filter(outcome="refused", carrier_id=carrier.pk)
    assert sum(each.messages for each in refusals) == TRIES
    assert {each.code for each in refusals} == {"ESME_RTHROTTLED"}


def test_a_status_of_any_length_from_a_stock_jasmin_fits_its_column(stock, organization):
    status = "ESME_" + "X" * 100
    jasmin_reports.take([JasminReport(stock, level=1, status=status)])

    assert only(outcome="refused").code == status[:40]
    assert statuses() == {"failed": 1}


def test_a_receipt_that_shows_that_a_message_was_sent_tells_no_seconds(stock):
    jasmin_reports.take([JasminReport(stock, level=2, status="DELIVRD")])

    row = only()
    assert (row.status, row.outcome, row.bucket) == ("delivered", "delivered", NO_BUCKET)


def test_what_no_gateway_takes_counts_at_its_end(organization, fake, carrier):
    fake.answers["north"] = Refused(Refusal.REJECTED, "no such alphabet", False)
    message = make_message(organization)

    run.dispatch(organization.pk)

    assert read(message).status == "failed"
    assert (only().status, only().outcome, only().currency) == ("failed", "", "")


def test_what_nobody_sent_in_time_counts_without_cost(organization):
    message = make_message(organization)
    Message.objects.update(created_at=timezone.now() - timedelta(days=2))

    overdue.end_overdue()

    row = only()
    assert read(message).status == "expired"
    assert (row.status, row.carrier_id, row.outcome, row.amount) == ("expired", "", "", 0)


def test_what_nobody_knows_costs_and_says_nothing_of_the_carrier(log, send):
    message = send()
    log.no_answer(message)
    log.take()

    row = only()
    assert (row.status, row.outcome) == ("submitted_no_receipt", "")
    assert (row.amount, row.currency) == (Decimal("0.0125"), "EUR")


def test_a_receipt_that_never_comes_counts_against_the_carrier(log, send):
    message = send()
    log.answer(message)
    log.take()
    old = timezone.now() - timedelta(days=2)
    Message.objects.update(sent_at=old, claimed_at=old)

    overdue.end_overdue()

    row = only(status="submitted_no_receipt")
    assert (row.outcome, row.code) == ("no_receipt", "NO_RECEIPT")


def test_what_is_rolled_back_is_not_counted(log, send):
    message = send()
    log.answer(message)

    with pytest.raises(RuntimeError), transaction.atomic():
        log.take()
        raise RuntimeError("killed")

    assert (read(message).status, statuses()) == ("sending", {})


def test_a_batch_is_one_statement(organization, carrier):
    messages = [make_message(organization, to=to) for to in (AMERICA, "+33639980002") * 20]
    transitions = Transitions()
    for each in messages:
        transitions.end(each, MessageStatus.FAILED, code="CAMPAIGN_CANCELLED")

    with CaptureQueriesContext(connection) as queries:
        transitions.save()

    counting = [each for each in queries if "usagerecord" in each["sql"]]
    assert len(counting) == 1
    assert sorted(row.messages for row in UsageRecord.objects.all()) == [20, 20]


def test_pools_senders_are_told_apart_by_kind(organization, fake, carrier, log, send):
    pool = make_pool(organization, "+33700000001")
    message = send(wanted_pool=pool)
    log.answer(message)
    log.take()

    assert only().sender_type == "long_code"
