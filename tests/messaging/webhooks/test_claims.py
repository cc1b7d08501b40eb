"""Deliveries of workers that died, and workers that lost their claims."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from messaging.webhooks import claims, tasks
from messaging.webhooks.claims import LEASE, AttemptResult
from messaging.webhooks.models import Delivery
from tests.factories import make_organization
from tests.messaging.at_once import at_once
from tests.messaging.webhooks.conftest import Api, emit, make_due

pytestmark = pytest.mark.sqlite


def lane() -> str:
    return Delivery.objects.first().lane


def ids(deliveries: list[Delivery]) -> list[str]:
    return [delivery.pk for delivery in deliveries]


def success() -> AttemptResult:
    return AttemptResult(at=timezone.now(), ms=1, status=200)


def test_the_longest_due_come_first(api, organization):
    api.add()
    for _ in range(3):
        emit(organization)
    first = Delivery.objects.order_by("pk").first()
    Delivery.objects.filter(pk=first.pk).update(due_at=timezone.now() + timedelta(minutes=1))

    assert len(claims.take(lane(), 5)) == 2
    assert claims.take(lane(), 5) == []
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        found = ids(claims.take(lane(), 5))
    # Its own time came after the lease of the others had begun, and before that had ended.
    assert sorted(found) == sorted(Delivery.objects.values_list("pk", flat=True))
    assert found[-1] != first.pk


def test_of_a_worker_that_died_they_are_due_again(api, organization, woken):
    api.add()
    emit(organization)
    assert claims.take(lane(), 5)

    tasks.sweep()
    assert woken == []
    with time_machine.travel(timezone.now() + LEASE, tick=False):
        tasks.sweep()
        assert woken == [lane()]
        assert len(claims.take(lane(), 5)) == 1
    assert Delivery.objects.get().attempts == 0


def test_one_who_was_overtaken_writes_nothing(api, organization):
    api.add()
    emit(organization)
    (late,) = claims.take(lane(), 5)
    make_due()
    (now,) = claims.take(lane(), 5)

    claims.record([(late, success())])
    claims.release([late])
    assert Delivery.objects.get().claim == now.claim
    claims.record([(now, success())])
    assert (Delivery.objects.get().status, Delivery.objects.get().attempts) == ("delivered", 1)


def test_a_batch_is_claimed_and_settled_in_a_few_statements(
    api, organization, django_assert_num_queries
):
    api.add()
    for size in (2, 12):
        for _ in range(size):
            emit(organization)
        name = lane()
        with django_assert_num_queries(5):  # two of them begin and end the transaction
            taken = claims.take(name, 100)
        assert len(taken) == size
        with django_assert_num_queries(4):
            claims.record([(each, success()) for each in taken])
    rows = Delivery.objects.values_list("status", "attempts", "response_status", "claim")
    assert set(rows) == {("delivered", 1, 200, "")}


@pytest.mark.parametrize("how", ["switched off", "deleted"])
def test_what_was_given_up_meanwhile_stays_so(api, organization, how):
    hook = api.add()
    emit(organization)
    taken = claims.take(lane(), 5)
    if how == "deleted":
        api.delete(f"/{hook['id']}")
    else:
        api.put(f"/{hook['id']}", {"url": hook["url"], "events": ["*"], "active": False})

    claims.record([(taken[0], success())])

    left = Delivery.objects.get()
    assert (left.status, left.error) == ("dead", f"the webhook was {how}")


def test_a_delivery_that_found_no_webhook_ends(api, organization, work):
    """The event came while the webhook went."""
    hook = api.add()
    emit(organization)
    api.delete(f"/{hook['id']}")
    Delivery.objects.update(status="pending", error="")

    work()

    assert Delivery.objects.get().error == "the webhook was deleted"
    assert Delivery.objects.get().response_status is None


@pytest.mark.django_db(transaction=True)
def test_each_is_taken_by_one_of_many():
    organization = make_organization()
    Api(organization).add()
    for _ in range(40):
        emit(organization)
    name = lane()

    taken = at_once(8, lambda _: ids(claims.take(name, 7)))

    each = [pk for batch in taken for pk in batch]
    assert len(each) == len(set(each)) == 40


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_a_release_does_not_wait_for_locked_deliveries(api, organization):
    """A request that switches a webhook off has locked some of its deliveries, and waits for the
    others: in another order the two can deadlock."""
    api.add()
    for _ in range(2):
        emit(organization)
    first, second = claims.take(lane(), 5)
    locked, given_back = threading.Event(), threading.Event()

    def call(number: int) -> None:
        if number:
            assert locked.wait(10)
            claims.release([first, second])
            given_back.set()
            return
        with transaction.atomic():
            list(Delivery.objects.filter(pk=first.pk).select_for_update())
            locked.set()
            assert given_back.wait(10)

    assert at_once(2, call) == [None, None]
    assert ids(claims.due()) == [second.pk]
