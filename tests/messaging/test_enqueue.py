"""One task for many calls, and a broker that is away costs the caller nothing."""

from __future__ import annotations

from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError

from messaging import enqueue

TASK = "messaging.messages.tasks.route"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    found: list[tuple] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **options: found.append((name, args, options))
    )
    enqueue.over("mark")
    return found


def refuse(*args: Any, **options: Any) -> None:
    raise OperationalError("away")


def test_while_a_task_waits_no_other_one_is_queued(sent):
    for _ in range(3):
        assert enqueue.send_once("mark", 15, TASK, "org_1", expires=5)

    assert sent == [(TASK, ("org_1",), {"expires": 5})]


def test_once_it_is_over_the_next_one_is_queued(sent):
    enqueue.send_once("mark", 15, TASK, "org_1")
    enqueue.over("mark")
    enqueue.send_once("mark", 15, TASK, "org_1")

    assert len(sent) == 2


def test_what_the_broker_did_not_take_stands_for_no_later_call(sent, monkeypatch, caplog):
    with monkeypatch.context() as patch:
        patch.setattr(current_app, "send_task", refuse)
        assert not enqueue.send_once("mark", 15, TASK, "org_1")
    assert "left to beat" in caplog.text

    assert enqueue.send_once("mark", 15, TASK, "org_1")
    assert len(sent) == 1


def test_a_cache_that_is_away_is_no_error(sent, monkeypatch, caplog):
    def away(*args: Any, **options: Any) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(cache, "add", away, raising=False)

    assert not enqueue.send_once("mark", 15, TASK, "org_1")
    assert "left to beat" in caplog.text


def test_a_mark_that_can_not_be_removed_is_only_told(sent, monkeypatch, caplog):
    def away(*args: Any, **options: Any) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(cache, "delete", away, raising=False)

    enqueue.over("mark")
    assert "mark is kept for a while" in caplog.text
