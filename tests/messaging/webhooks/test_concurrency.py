"""Turns at a lane: how much of it, how long, and by how many."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest
from django.utils import timezone

from messaging.webhooks import claims, client, concurrency, delivery
from messaging.webhooks.models import Delivery
from tests.messaging.webhooks.conftest import emit, the_delivery
from tests.messaging.webhooks.server import say

pytestmark = pytest.mark.sqlite


def test_a_batch_shares_a_connection(api, organization, server, work):
    api.add(server.url)
    for _ in range(5):
        emit(organization)
    work()

    assert len(server.posts) == 5
    assert len({post.peer for post in server.posts}) == 1


def test_more_than_a_batch_calls_for_help(api, organization, server, woken):
    api.add(server.url)
    for _ in range(delivery.BATCH + 1):
        emit(organization)
    lane = Delivery.objects.first().lane

    delivery.deliver(lane)

    assert woken == [lane]
    assert len(server.posts) == delivery.BATCH


def test_what_a_turn_has_no_time_for_is_due_at_once(api, organization, server, woken, monkeypatch):
    api.add(server.url)
    monkeypatch.setattr(delivery, "TURN", -1.0)
    emit(organization)
    lane = the_delivery().lane

    delivery.deliver(lane)

    assert server.posts == []
    left = the_delivery()
    assert (left.status, left.claim, left.attempts) == ("pending", "", 0)
    assert left.due_at <= timezone.now()
    assert woken == [lane]


def test_a_slow_server_gets_one_worker(api, organization, server, work, monkeypatch):
    api.add(server.url)
    monkeypatch.setattr(concurrency, "SLOW", 0.0)
    server.answer = lambda handler: (time.sleep(0.01), say(handler))
    emit(organization)
    lane = the_delivery().lane
    with concurrency.slot(lane) as first, concurrency.slot(lane) as second:
        assert (first, second) == (True, True)
    work()

    with concurrency.slot(lane) as first, concurrency.slot(lane) as second:
        assert (first, second) == (True, False)
        delivery.deliver(lane)  # the second one comes, and goes
    assert the_delivery().attempts == 1


def test_as_many_workers_as_there_are_slots():
    def depth(lane: str) -> int:
        with concurrency.slot(lane) as ours:
            return 1 + depth(lane) if ours else 0

    assert depth("org_1 https://a") == concurrency.AT_ONCE
    assert depth("org_1 https://a") == concurrency.AT_ONCE  # all were given back


def test_slow_servers_of_one_organisation_leave_workers_to_the_others(settings):
    settings.WEBHOOK_WORKERS_PER_ORGANIZATION = 3
    with ExitStack() as stack:
        lanes = [f"org_1 https://host{number}" for number in range(4)]
        assert [stack.enter_context(concurrency.slot(lane)) for lane in lanes] == [
            True, True, True, False,
        ]  # fmt: skip
        assert stack.enter_context(concurrency.slot("org_2 https://host0"))
    with concurrency.slot(lanes[3]) as ours:
        assert ours


def test_a_turn_ends_within_its_lease():
    longest = delivery.TURN + client.TIMEOUT + delivery.WRITE
    assert longest < claims.LEASE.total_seconds()
    assert longest < concurrency.HELD
