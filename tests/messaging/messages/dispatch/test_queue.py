"""What waits is read by group: in order, without what is held, and at a cost that does not grow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.campaigns.models import Campaign
from messaging.messages.dispatch import claim, inflight, queue, run
from messaging.messages.dispatch_groups import group_key
from messaging.messages.models import Message
from tests.factories import make_organization
from tests.messaging.campaigns.conftest import numbers
from tests.messaging.messages.dispatch.conftest import (
    AMERICA,
    bind,
    make_campaign,
    make_carrier,
    make_message,
    make_pool,
    read,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def pool(organization):
    return make_pool(organization, "+33700000001")


def later(*messages: Message, seconds: float) -> None:
    moment = timezone.now() + timedelta(seconds=seconds)
    Message.objects.filter(pk__in=[each.pk for each in messages]).update(next_attempt_at=moment)


def test_messages_for_the_same_carriers_are_one_group(organization, carrier):
    for to in numbers(3):
        make_message(organization, to)
    make_message(organization, AMERICA)

    found = queue.groups(organization.pk)

    assert sorted(each.country for each in found) == ["FR", "US"]


def test_single_messages_come_first_and_then_who_waits_longest(organization, pool):
    first, second = (make_campaign(organization, pool) for _ in range(2))
    later(make_message(organization, campaign=first), seconds=-1)
    later(make_message(organization, campaign=second), seconds=-2)
    make_message(organization)

    found = queue.due(organization.pk)

    assert [each.campaign_id for each in found] == [None, second.pk, first.pk]


@pytest.mark.parametrize("status", ["paused", "cancelled"])
def test_those_of_a_campaign_that_is_held_do_not_wait(organization, pool, status):
    over = timezone.now() if status == "cancelled" else None
    make_message(organization, campaign=make_campaign(organization, pool, status, finished_at=over))

    assert queue.groups(organization.pk) == []
    assert queue.organizations() == []
    assert queue.due_in(organization.pk) is None


def test_a_campaign_that_is_held_meanwhile_is_not_claimed(
    organization, carrier, fake, pool, monkeypatch
):
    """A claim may wait for another one of the same bind after it has found the groups."""
    campaign = make_campaign(organization, pool)
    message = make_message(organization, campaign=campaign, wanted_pool=pool)
    room = inflight.room

    def after_a_pause(credential_ids):
        Campaign.objects.update(status="paused")
        return room(credential_ids)

    monkeypatch.setattr(inflight, "room", after_a_pause)

    assert claim.claim(organization.pk, without=set()).claims == []
    assert read(message).claimed_at is None


def test_it_is_known_when_the_next_one_is_due(organization):
    messages = [make_message(organization, to) for to in numbers(3)]
    later(*messages, seconds=90)
    later(messages[1], seconds=30)

    assert queue.due(organization.pk) == []
    assert queue.due_in(organization.pk) == pytest.approx(30, abs=10)


def test_organisations_that_wait_are_found_once_each(organization):
    other, idle = make_organization(), make_organization()
    make_message(organization)
    make_message(organization, AMERICA)
    make_message(other)
    later(make_message(idle), seconds=60)

    assert queue.organizations() == sorted([organization.pk, other.pk])


def test_within_a_group_what_is_due_longest_comes_first(organization):
    messages = [make_message(organization, to) for to in numbers(4)]
    later(messages[0], seconds=-1)
    later(messages[2], seconds=-2)
    later(messages[3], seconds=60)
    (group,) = queue.due(organization.pk)

    with transaction.atomic():
        rows = queue.lock([(group, 10)], most=10)
        assert queue.lock([(group, 1)], most=10)[0].id == rows[0].id

    assert [row.id for row in rows] == [messages[2].pk, messages[0].pk, messages[1].pk]
    assert (rows[0].to, rows[0].tlvs, rows[0].wanted_sender) == (messages[2].to, [], "ACME")


def test_an_odd_mix_of_wishes_has_groups_of_its_own():
    keys = {
        group_key(),
        group_key(country="FR"),
        group_key(campaign_id="FR"),
        group_key(wanted_carrier_id="FR"),
        group_key(wanted_pool_id="FR"),
        group_key(carrier_id="FR", is_final=True),
        group_key(passed_over="FR"),
    }

    assert len(keys) == 7
    assert group_key(carrier_id="FR") == group_key()
    assert max(keys - {group_key(campaign_id="FR")}) < group_key(campaign_id="FR")


def test_a_campaign_whose_carrier_is_away_holds_up_no_other(organization, fake, pool):
    away = make_carrier(organization, "away", bound=False, countries=["US"])
    make_carrier(organization, "there", countries=["FR"])
    campaign, other = (make_campaign(organization, pool) for _ in range(2))
    held = [
        make_message(organization, f"+1415555{n:04}", campaign=campaign, wanted_pool=pool)
        for n in range(2671, 2681)
    ]
    goes = make_message(organization, numbers(1)[0], campaign=other, wanted_pool=pool)

    assert run.dispatch(organization.pk) == run.LATER
    assert read(goes).taken_at is not None
    assert {read(each).claimed_at for each in held} == {None}

    bind(away, "bound")
    run.dispatch(organization.pk)
    assert None not in {read(each).taken_at for each in held}


def test_a_claim_takes_as_many_statements_whatever_the_number(organization, fake, pool):
    make_carrier(organization, throughput=1000)

    def statements(count: int) -> int:
        for to in numbers(count):
            make_message(organization, to, wanted_pool=pool)
        with CaptureQueriesContext(connection) as found:
            batch = claim.claim(organization.pk, without=set())
        assert len(batch.claims) == count
        Message.objects.all().delete()
        return len(found)

    statements(1)  # pools are read once a process
    few, many = statements(1), statements(60)

    assert few == many <= 10


def test_more_groups_than_one_statement_takes_all_go(organization, fake, monkeypatch):
    monkeypatch.setattr(claim, "MOST_GROUPS", 2)
    monkeypatch.setattr(run, "TURN", 60.0)
    make_carrier(organization, throughput=1000)
    carriers = [make_carrier(organization, f"c{n}") for n in range(5)]
    messages = [make_message(organization, wanted_carrier=each) for each in carriers]

    assert run.dispatch(organization.pk) is None

    assert {read(each).carrier_id for each in messages} == {each.pk for each in carriers}


def test_messages_of_the_version_before_get_their_groups(organization, carrier, fake, pool):
    """Its processes go on writing until they are started anew, without groups."""
    paused = make_message(
        organization, campaign=make_campaign(organization, pool, "paused"), wanted_pool=pool
    )
    alone = make_message(organization, to="+33639980099")
    Message.objects.update(group_key="")
    later(alone, seconds=-1)

    run.dispatch(organization.pk)

    assert read(alone).taken_at is not None
    assert read(paused).claimed_at is None


def test_nor_is_one_held_with_a_campaign(organization, carrier, fake, pool):
    campaign = make_campaign(organization, pool, "paused")
    paused = make_message(organization, campaign=campaign, wanted_pool=pool)
    alone = make_message(organization, to="+33639980099")
    Message.objects.update(group_key="")
    later(paused, seconds=-1)

    assert queue.organizations() == [organization.pk]
    run.dispatch(organization.pk)

    assert read(alone).taken_at is not None
    assert read(paused).claimed_at is None


def test_after_the_clock_was_set_back_what_waits_goes_at_once(organization, carrier, fake):
    messages = [make_message(organization, to) for to in numbers(3)]
    later(*messages, seconds=3600)

    assert queue.organizations() == [organization.pk]
    assert queue.due_in(organization.pk) == 0
    run.dispatch(organization.pk)

    assert {read(each).status for each in messages} == {"sending"}
