"""Connections that have just answered are not asked whether they live."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from orbit.db import connection_checks


@pytest.fixture
def connection(monkeypatch) -> SimpleNamespace:
    one = SimpleNamespace(connection=object(), health_check_done=False)
    known = SimpleNamespace(all=lambda initialized_only: [one])
    monkeypatch.setattr(connection_checks, "connections", known)
    return one


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    now = SimpleNamespace(time=1000.0)
    monkeypatch.setattr(connection_checks, "time", SimpleNamespace(monotonic=lambda: now.time))
    return now


@pytest.mark.parametrize(("seconds", "spared"), [(0.5, True), (1.5, False)])
def test_one_is_asked_again_after_a_second(connection, clock, seconds, spared):
    connection_checks._note()
    clock.time += seconds
    connection_checks._spare()
    assert connection.health_check_done is spared


def test_one_that_was_closed_is_asked(connection, clock):
    connection.connection = None
    connection_checks._note()
    connection_checks._spare()
    assert not connection.health_check_done


def test_one_that_has_never_answered_is_asked(connection, clock):
    connection_checks._spare()
    assert not connection.health_check_done
