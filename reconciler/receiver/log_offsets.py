"""How far each log was read, and the one transaction in which records have their effects."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from messaging.receipts import ingest as taking
from orbit.operations import outages
from reconciler.gateway_client.log_client import MARGIN, WAIT, Page
from reconciler.jasmin.capabilities import LANE
from reconciler.models import Gateway, GatewayLog

FRESH = timedelta(seconds=WAIT + MARGIN)  # of an answer: the next one is on its way

logger = logging.getLogger(__name__)


class Overtaken(Exception):
    """Another receiver has read on meanwhile: what was fetched may have had its effects."""


def of(gateway: Gateway) -> GatewayLog:
    row, _ = GatewayLog.objects.get_or_create(gateway=gateway)
    return row


def keep(row: GatewayLog, page: Page) -> None:
    """The effects of a page and the offset behind it, both or neither.

    `row`: as it was when the page was asked for. Raises Overtaken, DatabaseError.
    """
    try:
        _keep(row, page.log, page.records, _told(page))
        return
    except DatabaseError as error:
        if outages.is_database_away(error) or not page.records:
            raise
    except Overtaken:
        raise
    except Exception:
        # A record that breaks its reader must not hold up those behind it.
        logger.exception("a page of the log of %s could not be kept", row.gateway_id)
    _one_by_one(row, page)
    GatewayLog.objects.filter(pk=row.pk).update(**_told(page))


def forget(row: GatewayLog) -> None:
    """The gateway has another log: start with its first record."""
    rows = GatewayLog.objects.filter(pk=row.pk, log=row.log, offset=row.offset)
    rows.update(log="", offset=0, unread_at=None)
    logger.warning("the gateway %s has a new log: it is read from its start", row.gateway_id)


def failed(row: GatewayLog, why: str) -> None:
    now = timezone.now()
    rows = GatewayLog.objects.filter(pk=row.pk)
    rows.filter(failed_since=None).update(failed_since=now)
    rows.exclude(error=why).update(error=why)


def _keep(
    row: GatewayLog,
    log: str,
    records: Sequence[dict[str, Any]],
    told: Mapping[str, Any],
    *,
    set_aside: bool = False,
) -> None:
    """`told`: more columns of the row. Who comes second waits for the first, and is overtaken."""
    offset = records[-1]["n"] if records else (row.offset if log == row.log else 0)
    with transaction.atomic():
        ours = GatewayLog.objects.filter(pk=row.pk, log=row.log, offset=row.offset)
        if not ours.update(log=log, offset=offset, **told):
            raise Overtaken
        if records:
            take = taking.set_aside if set_aside else taking.take
            take(records, log=log)
    row.log, row.offset = log, offset


def _one_by_one(row: GatewayLog, page: Page) -> None:
    """Each in a transaction of its own; one that fails alone is set aside and shown, unless it is
    the database that fails: what is set aside is lost to its message."""
    for record in page.records:
        try:
            _keep(row, page.log, [record], {})
        except Overtaken:
            raise
        except Exception as error:
            if outages.is_passing(error):
                raise
            logger.exception("record %s of %s is set aside", record["n"], row.gateway_id)
            _keep(row, page.log, [record], {}, set_aside=True)


def _told(page: Page) -> dict[str, Any]:
    """When it was read, and what it has that was not."""
    unread = None
    if page.records and page.last > page.records[-1]["n"]:
        # Not fetched yet: it is no older than the last one that was.
        unread = moment(page.records[-1])
    return {"read_at": timezone.now(), "unread_at": unread, "error": "", "failed_since": None}


def moment(record: dict[str, Any]) -> datetime:
    """When the gateway wrote it; now, for one that does not say."""
    try:
        return datetime.fromtimestamp(float(record["at"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return timezone.now()


def lanes() -> list[Gateway]:
    """Enabled gateways that have a log, each with its `log` row if there is one."""
    gateways = Gateway.objects.filter(enabled=True).select_related("log")
    return [each for each in gateways if LANE in each.capabilities]


def row_of(gateway: Gateway) -> GatewayLog | None:
    return getattr(gateway, "log", None)


def behind(row: GatewayLog, now: datetime) -> timedelta:
    """How old the oldest record is that may be unread; nothing while the log is read to its end.

    A long poll says nothing until it is over, and is not late before.
    """
    if row.read_at is None:
        return timedelta(0) if row.failed_since is None else now - row.failed_since
    known = row.unread_at or row.read_at
    if row.unread_at is None and now - row.read_at < FRESH:
        return timedelta(0)
    return max(timedelta(0), now - known)


def read_until() -> datetime:
    """All records that any log got before this moment have had their effects."""
    now = timezone.now()
    rows = [row for gateway in lanes() if (row := row_of(gateway))]
    return min((now - behind(row, now) for row in rows), default=now)
