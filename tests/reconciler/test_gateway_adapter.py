"""The port of `messaging`: a burst of commits becomes one task, never an error."""

from __future__ import annotations

import logging

import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError

from messaging import gateway as port
from reconciler import push, tasks
from reconciler.gateway_adapter import GatewayAdapter
from reconciler.push import DEBOUNCE

ORGANIZATION = "org_0123"


class Queue:
    """Stands in for the broker: the tasks that were queued, and the error of queueing."""

    def __init__(self) -> None:
        self.queued: list[tuple[tuple, dict]] = []
        self.error: Exception | None = None

    def send_task(self, name: str, args: tuple, **options: object) -> None:
        assert name == tasks.push.name
        if self.error is not None:
            raise self.error
        self.queued.append((args, options))


@pytest.fixture
def queue(monkeypatch) -> Queue:
    cache.delete(push.mark(ORGANIZATION))
    queue = Queue()
    monkeypatch.setattr(current_app, "send_task", queue.send_task)
    yield queue
    cache.delete(push.mark(ORGANIZATION))


def test_a_push_is_a_task_of_its_organisation_that_expires(queue: Queue):
    GatewayAdapter().push(ORGANIZATION)

    assert queue.queued == [((ORGANIZATION,), {"expires": push.EXPIRES})]
    assert push.EXPIRES < 30


def test_a_burst_is_one_task(queue: Queue):
    for _ in range(20):
        GatewayAdapter().push(ORGANIZATION)

    assert len(queue.queued) == 1


def test_organisations_do_not_wait_for_each_other(queue: Queue):
    cache.delete(push.mark("org_other"))
    GatewayAdapter().push(ORGANIZATION)
    GatewayAdapter().push("org_other")
    cache.delete(push.mark("org_other"))

    assert [args for args, _ in queue.queued] == [(ORGANIZATION,), ("org_other",)]


def test_a_task_that_has_started_does_not_swallow_the_next_push(queue: Queue):
    GatewayAdapter().push(ORGANIZATION)
    cache.delete(push.mark(ORGANIZATION))

    GatewayAdapter().push(ORGANIZATION)

    assert len(queue.queued) == 2


def test_a_task_that_was_lost_blocks_pushes_for_seconds_only(queue: Queue, monkeypatch):
    timeouts = []
    monkeypatch.setattr(cache, "add", lambda key, value, timeout: timeouts.append(timeout))

    GatewayAdapter().push(ORGANIZATION)

    assert timeouts == [DEBOUNCE]
    assert DEBOUNCE < settings.RECONCILE_INTERVAL  # until then the beat has done it


@pytest.mark.parametrize(
    "error", [OperationalError("down"), RedisConnectionError("down"), OSError("down")], ids=repr
)
def test_a_broker_that_is_away_is_a_warning_and_no_error(queue: Queue, caplog, error):
    queue.error = error

    with caplog.at_level(logging.WARNING):
        GatewayAdapter().push(ORGANIZATION)

    assert f"{ORGANIZATION}',) is left to beat: down" in caplog.text


def test_a_push_that_could_not_be_queued_does_not_keep_the_next_from_it(queue: Queue):
    queue.error = OSError("down")
    GatewayAdapter().push(ORGANIZATION)
    queue.error = None

    GatewayAdapter().push(ORGANIZATION)

    assert len(queue.queued) == 1


def test_a_cache_that_is_away_is_a_warning_and_no_error(queue: Queue, caplog, monkeypatch):
    def away(*args: object) -> None:
        raise RedisConnectionError("down")

    monkeypatch.setattr(cache, "add", away)

    with caplog.at_level(logging.WARNING):
        GatewayAdapter().push(ORGANIZATION)

    assert "left to beat" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_push_comes_with_the_commit_and_not_with_a_rollback(queue: Queue):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        port.push_on_commit(ORGANIZATION)
        raise ZeroDivisionError
    assert queue.queued == []

    with transaction.atomic():
        port.push_on_commit(ORGANIZATION)
        assert queue.queued == []
    assert len(queue.queued) == 1
