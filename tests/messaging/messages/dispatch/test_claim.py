"""Claims of a batch: what one message can't have hides nothing behind it; leases and refusals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from messaging.gateway import Refusal, Refused
from messaging.messages.dispatch import claim, queue, run
from messaging.messages.models import Message
from tests.messaging.campaigns.conftest import numbers
from tests.messaging.messages.dispatch.conftest import (
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


def hide(organization, count: int) -> list[Message]:
    """Messages that only a carrier takes which is away: the one that is there has no sender for
    them."""
    away = make_carrier(organization, "away", bound=False, countries=["FR"])
    make_pool(organization, "+33700000001", carriers=[away])
    return [make_message(organization, to, wanted_sender="") for to in numbers(count)]


def test_what_its_carrier_has_no_sender_for_hides_nothing_behind_it(
    organization, carrier, fake, monkeypatch
):
    monkeypatch.setattr(claim, "BATCH", 3)
    monkeypatch.setattr(run, "TURN", 60.0)
    hidden = hide(organization, 7)
    goes = make_message(organization, to="+33639980099")

    run.dispatch(organization.pk)

    assert read(goes).taken_at is not None
    assert {read(each).claimed_at for each in hidden} == {None}
    assert queue.due_in(organization.pk) <= claim.PUT_OFF.total_seconds()


def test_nor_does_it_hide_other_groups(organization, carrier, fake, monkeypatch, pool):
    monkeypatch.setattr(claim, "BATCH", 3)
    monkeypatch.setattr(run, "TURN", 60.0)
    hide(organization, 7)
    campaign = make_campaign(organization, pool)
    goes = make_message(organization, "+33639980099", campaign=campaign, wanted_pool=pool)

    run.dispatch(organization.pk)

    assert read(goes).taken_at is not None


def test_what_the_second_carrier_has_no_room_for_hides_nothing_behind_it(
    organization, carrier, fake, monkeypatch
):
    monkeypatch.setattr(claim, "BATCH", 20)
    monkeypatch.setattr(run, "TURN", 60.0)
    slow = make_carrier(organization, "slow", throughput=1, countries=["FR"])
    make_pool(organization, "+33700000001", carriers=[slow])
    for to in numbers(60):
        make_message(organization, to, wanted_sender="")
    goes = make_message(organization, to="+33639980099")

    run.dispatch(organization.pk)

    assert read(goes).taken_at is not None
    assert Message.objects.filter(carrier=slow).count() == 10


def test_after_its_lease_a_batch_is_not_handed_over(organization, message, fake, monkeypatch):
    monkeypatch.setattr(claim, "LEASE", timedelta(seconds=-1))

    assert run.dispatch(organization.pk) == run.LATER

    assert fake.asked == []
    assert read(message).claimed_at is None


def test_a_refused_attempt_is_none(organization, message, fake):
    """A message that is refused each second has more of them in a day than the column takes."""
    fake.answers["north"] = Refused(Refusal.NOT_SYNCED, "not yet", True)
    for _ in range(3):
        run.dispatch(organization.pk)

    assert len(fake.asked) == 3
    row = read(message)
    assert (row.attempt, row.claimed_at) == (0, None)
    assert [each["detail"] for each in row.events][1:] == [
        "through north, from ACME",
        "not taken: not yet (3 times)",
    ]
