"""Reads a gateway's log in the test's own thread, as a receiver does."""

from __future__ import annotations

from contextlib import closing

from django.utils import timezone

from reconciler.gateway_client.log_client import LogClient
from reconciler.models import Gateway, GatewayLog
from reconciler.receiver import log_offsets


def skip_log(gateway: Gateway) -> None:
    """Set the offset behind the records of earlier tests."""
    with closing(LogClient(gateway)) as client:
        page = client.read("", 0, wait=0)
    GatewayLog.objects.create(
        gateway=gateway, log=page.log, offset=page.last, read_at=timezone.now()
    )


def read_log(gateway: Gateway) -> None:
    """Read and apply all records that the log has."""
    with closing(LogClient(gateway)) as client:
        while True:
            row = log_offsets.row_for(gateway)
            page = client.read(row.log, row.offset, wait=0)
            log_offsets.apply(row, page)
            if not page.records:
                return
