"""What /metrics says of each credential: its binds, its receipts, its certificate.

What happens on the wire is told by its gateway (`reconciler.launcher.lane.metrics`), under the
connector that `orbit_credential_info` names.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Case, F, Q, When
from django.utils import timezone
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from messaging.credentials import pem
from messaging.credentials.models import Credential, CredentialStatus
from messaging.messages import selectors as messages
from messaging.quality.outcomes import EDGES
from messaging.usage import totals
from messaging.usage.totals import Total
from reconciler.models import Gateway
from reconciler.status.bind_sessions import WANTED

_LABELS = ["credential", "gateway"]
# Upper edges of buckets, seconds: a part of those that are counted (`outcomes.EDGES`).
RECEIPT_EDGES = (1, 2, 5, 10, 30, 60, 300, 900, 3600)


@dataclass(frozen=True)
class _Row:
    """`totals`: by what is counted and bucket."""

    status: CredentialStatus
    gateway: str
    totals: Mapping[Total, int]

    @property
    def credential(self) -> Credential:
        return self.status.credential

    @property
    def labels(self) -> list[str]:
        return [self.status.credential_id, self.gateway]

    def count(self, what: str) -> int:
        return sum(count for (counted, _), count in self.totals.items() if counted == what)


class CredentialCollector:
    """The first METRICS_CREDENTIALS: those with missing binds, then the oldest."""

    def collect(self) -> Iterator[Metric]:
        rows, left_out = _rows(settings.METRICS_CREDENTIALS)
        yield GaugeMetricFamily(
            "orbit_credentials_left_out",
            "Credentials above METRICS_CREDENTIALS, of which none of orbit_credential_… tells",
            left_out,
        )
        yield _info(rows)
        yield _gauge(rows, "binds", "Binds that are up", lambda row: row.status.bound)
        yield _gauge(
            rows,
            "binds_wanted",
            "Binds that it is to have; a pair is two; 0 of one that is disabled",
            lambda row: row.credential.sessions_wanted if row.credential.enabled else 0,
        )
        yield _gauge(
            rows,
            "bind_changed_timestamp_seconds",
            "Since when its bind is as it is",
            lambda row: _timestamp(row.status.bind_since),
        )
        yield _gauge(
            rows,
            "certificate_expiry_timestamp_seconds",
            "When its own certificate ends; none without one",
            lambda row: _certificate_end(row.credential.tls_certificate or ""),
        )
        yield from _in_gateway(rows)
        yield from _outcomes(rows)

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []


def _rows(most: int) -> tuple[list[_Row], int]:
    live = CredentialStatus.objects.filter(credential__deleted_at=None)
    lacks = Q(credential__enabled=True, bound__lt=F("wanted"))
    first = live.annotate(wanted=WANTED).order_by(Case(When(lacks, then=0), default=1), "pk")
    statuses = list(first.select_related("credential")[:most])
    names = dict(Gateway.objects.values_list("pk", "name"))
    found = totals.of([each.pk for each in statuses])
    rows = [_Row(each, names.get(each.gateway_id, ""), found.get(each.pk, {})) for each in statuses]
    return rows, live.count() - len(rows) if len(rows) == most else 0


def _info(rows: Sequence[_Row]) -> Metric:
    family = GaugeMetricFamily(
        "orbit_credential_info", "Its connector in its gateway", None, [*_LABELS, "connector"]
    )
    for row in rows:
        family.add_metric([*row.labels, row.credential.gateway_key], 1)
    return family


def _gauge(
    rows: Sequence[_Row], name: str, text: str, value: Callable[[_Row], float | None]
) -> Metric:
    family = GaugeMetricFamily(f"orbit_credential_{name}", text, None, _LABELS)
    for row in rows:
        if (found := value(row)) is not None:
            family.add_metric(row.labels, found)
    return family


def _in_gateway(rows: Sequence[_Row]) -> Iterator[Metric]:
    now, found = timezone.now(), messages.in_gateways([row.credential.pk for row in rows])
    nothing: tuple[int, datetime] = (0, now)
    yield _gauge(
        rows,
        "in_gateway",
        "Messages that its gateway has, and its carrier has not answered",
        lambda row: found.get(row.credential.pk, nothing)[0],
    )
    yield _gauge(
        rows,
        "in_gateway_oldest_seconds",
        "For how long the gateway has the oldest of them",
        lambda row: (now - found.get(row.credential.pk, nothing)[1]).total_seconds(),
    )


def _outcomes(rows: Sequence[_Row]) -> Iterator[Metric]:
    for name, text, label, names in (
        ("outcomes", "Messages that carriers took, by what became of them", "state", totals.STATES),
        (
            "refusals",
            "Answers to submits that refused them, by whose fault that is",
            "fault",
            totals.FAULTS,
        ),
    ):
        family: Any = CounterMetricFamily(f"orbit_credential_{name}", text, None, [*_LABELS, label])
        for row, (what, value) in itertools.product(rows, names.items()):
            family.add_metric([*row.labels, value], row.count(what))
        yield family
    yield _receipt_seconds(rows)


def _receipt_seconds(rows: Sequence[_Row]) -> Metric:
    family = HistogramMetricFamily(
        "orbit_credential_receipt_seconds",
        "From the carrier's answer to the last receipt; none of one without receipts",
        labels=_LABELS,
    )
    for row in rows:
        timed = [(bucket, n) for (what, bucket), n in row.totals.items() if bucket >= 0]
        if timed:
            buckets = [
                (str(float(edge)), sum(n for bucket, n in timed if bucket <= EDGES.index(edge)))
                for edge in RECEIPT_EDGES
            ]
            family.add_metric(row.labels, [*buckets, ("+Inf", sum(n for _, n in timed))], None)
    return family


def _timestamp(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


@lru_cache(maxsize=4096)
def _certificate_end(certificates: str) -> float | None:
    if not certificates:
        return None
    try:
        return pem.end_of(certificates).timestamp()
    except ValueError:
        return None
