"""Handing over what waits, with a gateway that takes, refuses and hangs as it is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.gateway import Refusal, Refused, Unknown
from messaging.messages.attempt_tokens import Attempt, attempt_of_dlr_token, attempt_of_token
from messaging.messages.dispatch import claim, inflight, run
from messaging.messages.models import Message, MessageStatus
from tests.messaging.messages.dispatch.conftest import (
    AMERICA,
    FRANCE,
    NOT_BOUND,
    make_carrier,
    make_message,
    make_pool,
    read,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_what_the_gateway_took_is_sending_with_carrier_sender_and_price(organization, fake):
    carrier = make_carrier(organization, billing_rate="0.045", currency="EUR")
    message = make_message(organization, body="x" * 161)

    assert run.dispatch(organization.pk) is None

    row = read(message)
    assert (row.status, row.carrier_id, row.sender) == ("sending", carrier.pk, "ACME")
    assert (str(row.price_amount), row.price_currency) == ("0.09000", "EUR")
    assert row.taken_at is not None
    assert row.leased_until is None
    (submit,) = fake.asked
    assert (submit["through"], submit["to"], submit["sender"]) == ("north", FRANCE, "ACME")
    assert attempt_of_token(submit["token"]) == Attempt(message.pk, 1)
    assert submit["dlr_token"] == ""  # its log tells


def test_a_stock_jasmin_gets_an_address_of_the_attempt(organization, message, fake):
    fake.lane = ""

    run.dispatch(organization.pk)

    assert attempt_of_dlr_token(fake.asked[0]["dlr_token"]) == Attempt(message.pk, 1)


def test_a_message_that_was_taken_is_not_handed_over_again(organization, message, fake):
    run.dispatch(organization.pk)
    run.dispatch(organization.pk)

    assert len(fake.asked) == 1


def test_an_unbound_carrier_is_passed_over(organization, fake):
    make_carrier(organization, "first", bound=False)
    second = make_carrier(organization, "second", fallback_order=2)
    message = make_message(organization)

    run.dispatch(organization.pk)

    assert [each["through"] for each in fake.asked] == ["second"]
    assert read(message).carrier_id == second.pk


def test_the_next_carrier_gets_what_the_first_ones_gateway_refuses(organization, fake):
    first = make_carrier(organization, "first")
    second = make_carrier(organization, "second", fallback_order=2)
    pools = [
        make_pool(organization, sender, carriers=[carrier])
        for sender, carrier in (("+33700000001", first), ("+33700000002", second))
    ]
    message = make_message(organization, wanted_pool=None)
    fake.answers["first"] = NOT_BOUND

    assert run.dispatch(organization.pk) is None

    row = read(message)
    assert (row.carrier_id, row.sender, row.sender_pool_id) == (
        second.pk,
        "+33700000002",
        pools[1].pk,
    )
    assert [each["sender"] for each in fake.asked] == ["+33700000001", "+33700000002"]
    assert [event["detail"] for event in row.events] == [
        "",
        "through first, from +33700000001",
        "not taken: its bind is down",
        "through second, from +33700000002",
    ]


def test_one_refusal_tells_enough_about_a_bind(organization, fake, monkeypatch):
    monkeypatch.setattr(run, "TURN", 60.0)  # in one go, however busy the machine is
    monkeypatch.setattr(claim, "BATCH", 5)
    make_carrier(organization, "first")
    make_carrier(organization, "second", fallback_order=2)
    messages = [make_message(organization) for _ in range(120)]
    fake.answers["first"] = NOT_BOUND

    while run.dispatch(organization.pk) == run.NOW:
        pass

    assert sum(each["through"] == "first" for each in fake.asked) <= 5
    assert {read(each).carrier.name for each in messages if read(each).carrier_id} == {"second"}


def test_what_the_gateway_never_takes_fails_with_its_reason(organization, message, fake):
    fake.answers["north"] = Refused(Refusal.REJECTED, "HTTP 400: no such coding", False)

    run.dispatch(organization.pk)

    row = read(message)
    assert (row.status, row.error_code) == ("failed", "GATEWAY_REFUSED")
    assert "no such coding" in row.error_message


def test_after_a_lost_answer_nothing_else_of_the_batch_is_tried(organization, carrier, fake):
    messages = [make_message(organization) for _ in range(30)]
    fake.answers["north"] = Unknown("it hangs")

    assert run.dispatch(organization.pk) == run.LATER

    rows = [read(each) for each in messages]
    claimed = [row for row in rows if row.claimed_at]
    assert len(fake.asked) == len(claimed) == 1
    assert all(row.leased_until for row in claimed)


def test_a_carrier_that_was_taken_away_fails_what_only_it_took(
    organization, message, carrier, fake
):
    carrier.enabled = False
    carrier.save()

    run.dispatch(organization.pk)

    row = read(message)
    assert (row.status, row.error_code) == ("failed", "NO_ROUTE")
    assert "FR" in row.error_message


def test_a_pool_that_has_lost_its_senders_fails_its_messages(organization, carrier, fake):
    pool = make_pool(organization, "+33700000001")
    message = make_message(organization, wanted_pool=pool)
    pool.members.all().delete()
    pool.version += 1
    pool.save()

    run.dispatch(organization.pk)

    assert read(message).error_code == "NO_ELIGIBLE_SENDER"


def test_countries_take_their_own_carriers(organization, fake):
    make_carrier(organization, "fr", countries=["FR"])
    make_carrier(organization, "us", countries=["US"])
    french, american = make_message(organization), make_message(organization, AMERICA)

    run.dispatch(organization.pk)

    assert {read(each).carrier.name for each in (french,)} == {"fr"}
    assert {read(each).carrier.name for each in (american,)} == {"us"}


def test_a_named_carrier_is_the_only_one(organization, fake):
    make_carrier(organization, "first")
    second = make_carrier(organization, "second", fallback_order=2)
    message = make_message(organization, wanted_carrier=second)
    fake.answers["second"] = NOT_BOUND

    assert run.dispatch(organization.pk) == run.LATER

    assert {each["through"] for each in fake.asked} == {"second"}
    assert read(message).status == MessageStatus.SENDING


def test_a_pool_sends_through_the_carriers_that_it_is_attached_to(organization, fake):
    make_carrier(organization, "first")
    second = make_carrier(organization, "second", fallback_order=2)
    pool = make_pool(organization, "+33700000001", carriers=[second])
    message = make_message(organization, wanted_pool=pool)

    run.dispatch(organization.pk)

    assert read(message).carrier_id == second.pk


def test_the_gateway_has_no_more_than_its_budget(organization, fake):
    make_carrier(organization, "slow", throughput=1, countries=["FR"])
    make_carrier(organization, "quick", countries=["US"], throughput=50)
    for _ in range(15):
        make_message(organization)
    american = make_message(organization, AMERICA)

    assert run.dispatch(organization.pk) == run.SOON

    assert len(fake.taken) == inflight.LEAST + 1
    assert read(american).taken_at is not None  # the full one holds up no other

    first = Message.objects.filter(status="sending", country="FR").first()
    Message.objects.filter(pk=first.pk).update(status="sent")
    run.dispatch(organization.pk)

    assert len(fake.taken) == inflight.LEAST + 2


def test_what_a_gateway_never_reports_takes_no_room_for_ever(organization, fake):
    make_carrier(organization, throughput=1)
    for _ in range(12):
        make_message(organization)
    run.dispatch(organization.pk)
    assert run.dispatch(organization.pk) == run.SOON  # its reports may come still

    old = timezone.now() - inflight.REPORTED - timedelta(seconds=1)
    Message.objects.filter(status="sending").update(claimed_at=old)
    run.dispatch(organization.pk)

    assert len(fake.taken) == 12


def test_what_is_not_due_waits(organization, message, fake):
    Message.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=30))

    assert run.dispatch(organization.pk) is None

    assert fake.asked == []


def test_other_organisations_messages_are_not_touched(organization, message, fake):
    run.dispatch("org_" + "0" * 32)

    assert fake.asked == []


def test_tlvs_of_the_message_go_with_it(organization, carrier, fake):
    tlvs = [{"tag": "0x1400", "type": "cstring", "value": "1101"}]
    make_message(organization, tlvs=tlvs)

    run.dispatch(organization.pk)

    assert fake.asked[0]["tlvs"] == ((0x1400, b"1101\0"),)
