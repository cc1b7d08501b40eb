"""Applies the records of logs, each page in one transaction with the offset behind it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from messaging.receipts import ingest
from orbit.operations import outages
from reconciler.gateway_client.log_client import MARGIN, WAIT, Page
from reconciler.jasmin.capabilities import LANE
from reconciler.models import Gateway, GatewayLog, GatewayMode

FRESH = timedelta(seconds=WAIT + MARGIN)  # an answer is that fresh while the next poll is under way

logger = logging.getLogger(__name__)


class Overtaken(Exception):
    """Another receiver has moved the offset meanwhile: the page may be applied already."""


def row_for(gateway: Gateway) -> GatewayLog:
    row, _ = GatewayLog.objects.get_or_create(gateway=gateway)
    return row


def apply(row: GatewayLog, page: Page) -> None:
    """Apply the records of a page and move the offset behind them, both or neither.

    `row`: as it was when the page was asked for. Raises Overtaken, DatabaseError.
    """
    if row.log == page.log and page.records and page.records[0]["n"] > row.offset + 1:
        lost = f"{row.offset + 1} to {page.records[0]['n'] - 1}"
        logger.warning("the gateway %s has lost records %s of its log", row.gateway_id, lost)
    try:
        _apply(row, page.log, page.records, _columns(page))
        return
    except DatabaseError as error:
        if outages.is_database_away(error) or not page.records:
            raise
    except Overtaken:
        raise
    except Exception:
        # A record that can't be applied must not hold up those behind it.
        logger.exception("a page of the log of %s could not be kept", row.gateway_id)
    _one_by_one(row, page)
    GatewayLog.objects.filter(pk=row.pk).update(**_columns(page))


def start_over(row: GatewayLog) -> None:
    """Start with the first record: the gateway has another log."""
    rows = GatewayLog.objects.filter(pk=row.pk, log=row.log, offset=row.offset)
    rows.update(log="", offset=0, unread_at=None)
    logger.warning("the gateway %s has a new log: it is read from its start", row.gateway_id)


def mark_failed(row: GatewayLog, why: str) -> None:
    now = timezone.now()
    rows = GatewayLog.objects.filter(pk=row.pk)
    rows.filter(failed_since=None).update(failed_since=now)
    rows.exclude(error=why).update(error=why)


def _apply(
    row: GatewayLog,
    log: str,
    records: Sequence[dict[str, Any]],
    columns: Mapping[str, Any],
    *,
    set_aside: bool = False,
) -> None:
    """Apply records; `columns`: more of the row. Of two callers the second waits for the first, and
    then is Overtaken."""
    offset = records[-1]["n"] if records else (row.offset if log == row.log else 0)
    with transaction.atomic():
        ours = GatewayLog.objects.filter(pk=row.pk, log=row.log, offset=row.offset)
        if not ours.update(log=log, offset=offset, **columns):
            raise Overtaken
        if records:
            take = ingest.set_aside if set_aside else ingest.take
            take(records, log=log)
    row.log, row.offset = log, offset


def _one_by_one(row: GatewayLog, page: Page) -> None:
    """Apply each record in a transaction of its own. One that fails alone is set aside and shown;
    not so where the database fails, since a record set aside is lost to its message."""
    for record in page.records:
        try:
            _apply(row, page.log, [record], {})
        except Overtaken:
            raise
        except Exception as error:
            if outages.is_passing(error):
                raise
            logger.exception("record %s of %s is set aside", record["n"], row.gateway_id)
            _apply(row, page.log, [record], {}, set_aside=True)


def _columns(page: Page) -> dict[str, Any]:
    """Return the columns that say when the log was read, and since when records are unread."""
    unread = None
    if page.records and page.last > page.records[-1]["n"]:
        # The oldest record that was not fetched is no older than the last one that was.
        unread = moment(page.records[-1])
    return {"read_at": timezone.now(), "unread_at": unread, "error": "", "failed_since": None}


def moment(record: dict[str, Any]) -> datetime:
    """Return when the gateway wrote the record; now, where it does not say."""
    try:
        return datetime.fromtimestamp(float(record["at"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return timezone.now()


def gateways_with_log() -> list[Gateway]:
    """Return enabled gateways that have a log, each with its `log` row if there is one."""
    gateways = Gateway.objects.filter(enabled=True).select_related("log")
    return [each for each in gateways if LANE in each.capabilities]


def row_if_any(gateway: Gateway) -> GatewayLog | None:
    return getattr(gateway, "log", None)


def behind(row: GatewayLog, now: datetime) -> timedelta:
    """Return the age of the oldest record that may be unread; 0 while the log is read to its end.

    A long poll that is under way is not late.
    """
    if row.read_at is None:
        return timedelta(0) if row.failed_since is None else now - row.failed_since
    known = row.unread_at or row.read_at
    if row.unread_at is None and now - row.read_at < FRESH:
        return timedelta(0)
    return max(timedelta(0), now - known)


def read_until() -> datetime:
    """Return the moment before which the records of all logs but those of lost gateways are
    applied."""
    now = timezone.now()
    late = [behind(row, now) for gateway, row in _logs() if gateway.mode != GatewayMode.LOST]
    return now - max(late, default=timedelta(0))


def behind_by_lane() -> dict[str, datetime]:
    """The logs that may have unread records, each with the moment before which all are applied."""
    now = timezone.now()
    return {row.log: now - late for _, row in _logs() if row.log and (late := behind(row, now))}


def _logs() -> list[tuple[Gateway, GatewayLog]]:
    return [(each, row) for each in gateways_with_log() if (row := row_if_any(each))]
