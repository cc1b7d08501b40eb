"""What a Prometheus reads of this gateway: figures of the lane, and of each connector.

A connector is named by its cid alone: `orbit_credential_info` of the site says whose it is. Names
and units are in docs/metrics.md.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from reconciler.launcher.lane.answer_times import EDGES
from reconciler.launcher.lane.connector import Connector
from reconciler.launcher.lane.lane import Lane

_LABEL = "connector"
_Value = Callable[[Connector], float | None]

# Name, help, value; None: no sample.
_GAUGES: tuple[tuple[str, str, _Value], ...] = (
    ("binds", "Binds that are up", lambda each: each.bound),
    (
        "binds_wanted",
        "Binds that it is to have; a pair is two",
        lambda each: len(each.settings.bind_types) if each.is_started else 0,
    ),
    (
        "bound_timestamp_seconds",
        "When a bind was last made",
        lambda each: each.times["bound_at"],
    ),
    ("window", "Submits that may be in flight at once", lambda each: each.settings.window),
    ("in_flight", "Submits in flight, without an answer yet", lambda each: each.in_flight),
    ("waiting", "Parts of messages that are not sent yet", lambda each: each.waiting),
    (
        "waiting_oldest_seconds",
        "For how long the first of them waits",
        lambda each: each.window.oldest(time.monotonic()),
    ),
    (
        "link_round_trip_seconds",
        "The carrier's last answer to an enquire_link",
        lambda each: each.round_trip,
    ),
)
_COUNTERS: tuple[tuple[str, str, _Value], ...] = (
    ("submits", "submit_sm sent", lambda each: each.counters["submit_sm_request_count"]),
    ("unanswered", "submit_sm that got no answer", lambda each: each.counters["no_answer_count"]),
    ("receipts", "Receipts that came in", lambda each: each.counters["receipt_count"]),
    ("inbound", "Texts of phones that came in", lambda each: each.counters["text_count"]),
    ("connects", "Connections made", lambda each: each.counters["connected_count"]),
    ("disconnects", "Connections that ended", lambda each: each.counters["disconnected_count"]),
)


def families(lane: Lane, most: int) -> Iterator[Metric]:
    """One metric at a time, each with the first `most` connectors, those with missing binds
    before all others."""
    yield from _gateway(lane)
    chosen = _chosen(lane, most)
    left_out = GaugeMetricFamily(
        "orbit_gateway_connectors_left_out",
        "Connectors above METRICS_CONNECTORS, of which none of orbit_connector_… tells",
    )
    left_out.add_metric([], len(lane.connectors) - len(chosen))
    yield left_out
    for kind, rows in ((GaugeMetricFamily, _GAUGES), (CounterMetricFamily, _COUNTERS)):
        for name, text, value in rows:
            family = kind(f"orbit_connector_{name}", text, None, [_LABEL])
            yield _filled(family, chosen, value)
    yield _answers(chosen)
    yield _answer_seconds(chosen)


def _gateway(lane: Lane) -> Iterator[Metric]:
    storage, journal = lane.storage, lane.storage.journal
    disk = os.statvfs(journal.folder)
    for name, text, value in (
        ("journal_bytes", "Size of the lane's journal", journal.octets),
        ("journal_limit_bytes", "Size at which nothing more is accepted", journal.max_octets),
        ("disk_free_bytes", "Free on the disk of the journal", disk.f_bavail * disk.f_frsize),
        ("disk_size_bytes", "Size of the disk of the journal", disk.f_blocks * disk.f_frsize),
        ("store_ok", "1 if the journal can be written", float(not storage.error)),
        ("open_messages", "Accepted messages that have not ended", len(journal.open)),
        (
            "log_unread_records",
            "Records of the log that the site has not read",
            max(0, storage.disk_sync.number - journal.acknowledged),
        ),
        ("draining", "1 if it takes no new messages", float(lane.is_draining)),
    ):
        family = GaugeMetricFamily(f"orbit_gateway_{name}", text)
        family.add_metric([], value)
        yield family


def _chosen(lane: Lane, most: int) -> list[Connector]:
    connectors = list(lane.connectors.values())
    if len(connectors) <= most:
        return connectors
    missing = {each.cid for each in connectors if _lacks_binds(each)}
    first = [each for each in connectors if each.cid in missing]
    others = (each for each in connectors if each.cid not in missing)
    return [*first, *itertools.islice(others, max(0, most - len(first)))][:most]


def _lacks_binds(connector: Connector) -> bool:
    return connector.is_started and connector.bound < len(connector.settings.bind_types)


def _filled(family: Any, connectors: Sequence[Connector], value: _Value) -> Metric:
    for each in connectors:
        if (found := value(each)) is not None:
            family.add_metric([each.cid], found)
    return family


def _answers(connectors: Sequence[Connector]) -> Metric:
    family = CounterMetricFamily(
        "orbit_connector_answers",
        "Answers to submit_sm by class of their status: ok, throttled (busy), refused",
        None,
        [_LABEL, "class"],
    )
    for each in connectors:
        counters = each.counters
        throttled, refused = (
            counters["throttling_error_count"],
            counters["other_submit_error_count"],
        )
        family.add_metric([each.cid, "ok"], counters["submit_sm_count"] - throttled - refused)
        family.add_metric([each.cid, "throttled"], throttled)
        family.add_metric([each.cid, "refused"], refused)
    return family


def _answer_seconds(connectors: Sequence[Connector]) -> Metric:
    family = HistogramMetricFamily(
        "orbit_connector_answer_seconds", "From a submit_sm to its answer", labels=[_LABEL]
    )
    edges = [*map(str, EDGES), "+Inf"]
    for each in connectors:
        times = each.window.answer_times
        sums = itertools.accumulate(times.counts)
        family.add_metric([each.cid], list(zip(edges, sums, strict=True)), times.seconds)
    return family
