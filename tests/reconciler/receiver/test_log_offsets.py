"""Records of a log are applied once, together with the offset behind them."""

from __future__ import annotations

import sqlite3
import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, OperationalError
from django.utils import timezone

from messaging.inbound.models import InboundPdu
from messaging.receipts import ingest
from messaging.receipts.models import StrayReceipt
from messaging.smpp.protocol.pdu import write
from reconciler import health
from reconciler.gateway_client.log_client import Page
from reconciler.metrics.gateways import GatewayCollector
from reconciler.models import Gateway, GatewayLog
from reconciler.receiver import log_offsets
from reconciler.receiver.log_offsets import Overtaken

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def gateway(db) -> Gateway:
    return Gateway.objects.create(
        name="main", jcli_host="192.0.2.1", http_url="http://192.0.2.1", capabilities=["lane"]
    )


def text(n: int, **fields: Any) -> dict[str, Any]:
    raw = write("deliver_sm", sequence=n, source_addr=b"336", short_message=f"{n}".encode())
    about = {"cid": "x", "account": "a", "raw": raw.hex()}
    return {"n": n, "at": time.time(), "kind": "deliver"} | about | fields


def page(*records: dict[str, Any], log: str = "log-1", last: int = 0) -> Page:
    return Page(log, last or (records[-1]["n"] if records else 0), list(records))


def _of_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = code
    return error


def kept(gateway: Gateway) -> tuple[str, int]:
    row = GatewayLog.objects.get(gateway=gateway)
    return row.log, row.offset


def test_effects_and_offset_are_kept_together(gateway):
    log_offsets.apply(log_offsets.row_for(gateway), page(text(1), text(2)))

    assert kept(gateway) == ("log-1", 2)
    assert InboundPdu.objects.count() == 2


def test_the_same_page_again_changes_nothing(gateway):
    before = log_offsets.row_for(gateway)
    log_offsets.apply(log_offsets.row_for(gateway), page(text(1)))

    with pytest.raises(Overtaken):
        log_offsets.apply(before, page(text(1), text(2)))

    assert kept(gateway) == ("log-1", 1)
    assert InboundPdu.objects.count() == 1


def test_what_cannot_be_written_is_neither_kept_nor_counted(gateway, monkeypatch):
    def fail(*args: Any, **kwargs: Any) -> None:
        InboundPdu.objects.create(
            account="a", esm_class=0, data_coding=0, fields={}, tlvs=[], raw="", digest="", log="x",
            number=1, received_at=timezone.now(),
        )  # fmt: skip
        raise OperationalError("no connection") from _away()

    monkeypatch.setattr(ingest, "take", fail)
    with pytest.raises(DatabaseError):
        log_offsets.apply(log_offsets.row_for(gateway), page(text(1)))

    assert kept(gateway) == ("", 0)
    assert InboundPdu.objects.count() == 0


def test_a_record_that_cannot_be_applied_delays_no_other(gateway):
    broken = text(2) | {"account": "b", "raw": "zz"}
    log_offsets.apply(log_offsets.row_for(gateway), page(text(1), broken, text(3)))

    assert kept(gateway) == ("log-1", 3)
    assert InboundPdu.objects.count() == 2
    (stray,) = StrayReceipt.objects.all()
    assert (stray.kind, stray.raw, stray.number) == ("fault", "zz", 2)


@pytest.mark.parametrize(
    "cause",
    [
        psycopg.errors.DeadlockDetected(),
        psycopg.errors.DiskFull(),
        psycopg.errors.QueryCanceled(),
        _of_sqlite(sqlite3.SQLITE_BUSY),
        _of_sqlite(sqlite3.SQLITE_FULL),
    ],
)
def test_no_record_is_set_aside_for_what_passes(gateway, monkeypatch, cause):
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("not now") from cause

    with monkeypatch.context() as patched:
        patched.setattr(ingest, "take", fail)
        with pytest.raises(OperationalError):
            log_offsets.apply(log_offsets.row_for(gateway), page(text(1), text(2)))

    assert kept(gateway) == ("", 0)
    assert not StrayReceipt.objects.exists()
    log_offsets.apply(log_offsets.row_for(gateway), page(text(1), text(2)))
    assert InboundPdu.objects.count() == 2


def test_records_that_the_gateway_has_lost_are_told_once_and_passed_over(gateway, caplog):
    row = log_offsets.row_for(gateway)
    for each in (page(text(1)), page(text(5)), page(text(6))):
        log_offsets.apply(row, each)

    assert kept(gateway) == ("log-1", 6)
    [warning] = [each.getMessage() for each in caplog.records]
    assert "has lost records 2 to 4 of its log" in warning


def test_another_log_is_read_from_its_start(gateway):
    row = log_offsets.row_for(gateway)
    log_offsets.apply(row, page(text(1), text(2)))

    log_offsets.start_over(row)
    assert kept(gateway) == ("", 0)
    log_offsets.apply(log_offsets.row_for(gateway), page(text(1), log="log-2"))

    assert kept(gateway) == ("log-2", 1)
    assert InboundPdu.objects.count() == 3


@pytest.mark.parametrize("at", [None, "soon", 1e300, float("nan")])
def test_a_record_without_a_time_that_is_one_is_of_now(at):
    before = timezone.now()

    assert before <= log_offsets.moment({"n": 1, "at": at}) <= timezone.now()


def test_an_empty_log_is_known_too(gateway):
    log_offsets.apply(log_offsets.row_for(gateway), page(log="log-1"))

    assert kept(gateway) == ("log-1", 0)


class TestLag:
    def test_a_log_that_is_read_to_its_end_has_none(self, gateway):
        log_offsets.apply(log_offsets.row_for(gateway), page(text(1)))

        row = GatewayLog.objects.get()
        assert log_offsets.behind(row, timezone.now()) == timedelta(0)
        assert health.logs()["main"].is_well

    def test_what_is_left_in_the_log_is_as_old_as_the_last_that_was_read(self, gateway):
        old = time.time() - 100
        log_offsets.apply(log_offsets.row_for(gateway), page(text(1, at=old), last=9))

        row = GatewayLog.objects.get()
        assert 100 <= log_offsets.behind(row, timezone.now()).total_seconds() < 200
        said = health.logs()["main"]
        assert (said.ok, said.degraded) == (True, True)
        assert log_offsets.read_until() < timezone.now() - timedelta(seconds=99)

    def test_while_no_receiver_runs_it_grows(self, gateway):
        log_offsets.apply(log_offsets.row_for(gateway), page(text(1)))
        GatewayLog.objects.update(read_at=timezone.now() - timedelta(minutes=5))

        row = GatewayLog.objects.get()
        assert log_offsets.behind(row, timezone.now()) >= timedelta(minutes=5)
        assert health.logs()["main"].degraded

    def test_why_it_cannot_be_read_is_said(self, gateway):
        row = log_offsets.row_for(gateway)
        log_offsets.mark_failed(row, "connection refused")
        log_offsets.mark_failed(row, "connection refused")

        assert "connection refused" in health.logs()["main"].detail
        log_offsets.apply(log_offsets.row_for(gateway), page(text(1)))
        assert health.logs()["main"].is_well

    def test_a_log_that_was_never_read_is_down(self, gateway):
        assert not health.logs()["main"].ok

    def test_a_gateway_without_one_has_no_check(self, gateway):
        Gateway.objects.update(capabilities=[])

        assert health.logs() == {}
        assert log_offsets.read_until() <= timezone.now()

    def test_it_is_a_metric(self, gateway):
        log_offsets.apply(log_offsets.row_for(gateway), page(text(1, at=time.time() - 100), last=9))

        (lag,) = [
            sample
            for family in GatewayCollector().collect()
            for sample in family.samples
            if sample.name == "orbit_gateway_log_lag_seconds"
        ]
        assert lag.labels == {"gateway": "main"}
        assert lag.value >= 100


def _away() -> Exception:
    return psycopg.OperationalError("server closed the connection unexpectedly")
