"""What the log leaves out."""

from __future__ import annotations

import logging
import sys

import psycopg
import pytest
import redis
from celery import signals
from django.db import OperationalError

from orbit.operations import log_filters
from orbit.operations.log_filters import OutageFilter, TaskChatterFilter

REFUSED = "connection failed: Connection refused"


@pytest.fixture(autouse=True)
def _level(monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "level", logging.INFO)
    logging.getLogger().manager._clear_cache()
    yield
    logging.getLogger().manager._clear_cache()


def record(error: Exception | None, name: str = "celery.app.trace", level: int = logging.ERROR):
    found = None
    if error is not None:
        try:
            raise error
        except Exception:
            found = sys.exc_info()
    message = "Task %s raised unexpected:\nsecond line"
    return logging.LogRecord(name, level, "trace.py", 1, message, ("route",), found)


def away() -> Exception:
    error = OperationalError(REFUSED)
    error.__cause__ = psycopg.OperationalError(REFUSED)
    return error


def test_an_outage_is_one_line_for_many_failures(db):
    outages, records = OutageFilter(), [record(away()) for _ in range(70)]
    told = [each for each in records if outages.filter(each)]

    (line,) = told
    assert line.exc_info is None
    assert line.getMessage().endswith(
        " is away (connection refused): Task route raised unexpected:"
    )


def test_one_that_lasts_is_told_again_with_the_number_of_failures(db, monkeypatch):
    told = OutageFilter()
    assert [told.filter(record(away())) for _ in range(3)] == [True, False, False]
    monkeypatch.setattr(log_filters, "PAUSE", 0.0)
    later = record(away())

    assert told.filter(later)
    assert "2 more failures" in later.getMessage()


def test_redis_is_named_too():
    line = record(redis.exceptions.ConnectionError("Error 111 connecting. Connection refused."))

    assert OutageFilter().filter(line)
    assert line.getMessage().startswith("Redis is away (connection refused)")


def test_every_other_failure_keeps_its_traceback():
    outages = OutageFilter()
    for error in (ValueError("a bug"), OperationalError("database is locked")):
        line = record(error)
        assert outages.filter(line)
        assert line.exc_info is not None


@pytest.mark.parametrize(
    ("name", "function", "level", "stays"),
    [
        ("celery.beat", "apply_entry", logging.INFO, False),
        ("celery.beat", "start", logging.INFO, True),
        ("celery.worker.strategy", "task_message_handler", logging.INFO, False),
        ("celery.app.trace", "_log_success", logging.INFO, False),
        ("celery.app.trace", "_log_error", logging.ERROR, True),
        ("reconciler.gateway_probe", "probe", logging.INFO, True),
    ],
)
def test_tasks_that_go_well_are_not_told(name, function, level, stays):
    line = record(None, name, level)
    line.funcName = function

    assert TaskChatterFilter().filter(line) is stays


def test_at_debug_everything_is_told():
    logging.getLogger().setLevel(logging.DEBUG)
    line = record(away(), level=logging.INFO)

    assert OutageFilter().filter(line)
    assert TaskChatterFilter().filter(line)
    assert line.exc_info is not None


def test_celerys_own_handlers_get_the_filters_once():
    logger = logging.Logger("celery's")
    logger.addHandler(logging.NullHandler())
    for _ in range(2):
        signals.after_setup_logger.send(sender=None, logger=logger)

    assert sorted(type(each).__name__ for each in logger.handlers[0].filters) == [
        "OutageFilter", "TaskChatterFilter",
    ]  # fmt: skip


@pytest.mark.parametrize(("path", "lines"), [("/healthz", 0), ("/docs/errors", 1)])
def test_probes_that_go_well_leave_no_line(client, caplog, path, lines):
    caplog.set_level(logging.INFO, "orbit.api.middleware")
    client.get(path)

    assert len([each for each in caplog.records if each.name == "orbit.api.middleware"]) == lines
