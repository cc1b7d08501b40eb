"""Queueing the task that delivers a lane's events: one task for each lane."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from messaging import enqueue
from messaging.webhooks.host_queues import cache_key

TASK = "messaging.webhooks.tasks.deliver"  # by its name: the task's module builds on this one
EXPIRES = 30  # seconds; the sweep has woken the lane again by then


def wake_on_commit(lanes: Iterable[str]) -> None:
    """Wake workers for these lanes once the current transaction has committed."""
    lanes = frozenset(lanes)
    if lanes:
        transaction.on_commit(lambda: wake(lanes))


def wake(lanes: Iterable[str]) -> None:
    """Queue a task for each lane that has none waiting. If that fails, the sweep wakes the lane."""
    for lane in lanes:
        if not enqueue.send_once(_mark(lane), EXPIRES, TASK, lane, expires=EXPIRES):
            return  # the others would fail the same way, a second each


def begun(lane: str) -> None:
    """The task runs: the next `wake` of the lane queues another one."""
    enqueue.over(_mark(lane))


def _mark(lane: str) -> str:
    return cache_key(lane, "woken")
