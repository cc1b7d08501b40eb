"""What a receiver does with a gateway's log, in the test's own thread."""

from __future__ import annotations

from contextlib import closing

from django.utils import timezone

from reconciler.gateway_client.log_client import LogClient
from reconciler.models import Gateway, GatewayLog
from reconciler.receiver import log_offsets


def skip_log(gateway: Gateway) -> None:
    """As if what the log has by now, of tests before, had been read."""
    with closing(LogClient(gateway)) as client:
        page = client.read("", 0, wait=0)
    GatewayLog.objects.create(
        gateway=gateway, log=page.log, offset=page.last, read_at=timezone.now()
    )


def read_log(gateway: Gateway) -> None:
    """All that is there."""
    with closing(LogClient(gateway)) as client:
        while True:
            row = log_offsets.of(gateway)
            page = client.read(row.log, row.offset, wait=0)
            log_offsets.keep(row, page)
            if not page.records:
                return
