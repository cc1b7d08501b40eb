"""Reads what a gateway tells of its wire and its disk, as a Prometheus does (`/lane/metrics`)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import urllib3
from prometheus_client.parser import text_string_to_metric_families
from urllib3.exceptions import HTTPError

from reconciler.models import Gateway

MOST_OCTETS = 8_000_000  # of an answer: some thousand connectors
SLOW = "2.5"  # seconds: the edge of a bucket
_CONNECTOR, _GATEWAY = "orbit_connector_", "orbit_gateway_"
_ANSWERS, _SECONDS = f"{_CONNECTOR}answers_total", f"{_CONNECTOR}answer_seconds"
_UNANSWERED = f"{_CONNECTOR}unanswered_total"
_WANTED = (_ANSWERS, _SECONDS, _UNANSWERED, _GATEWAY)


class Unread(Exception):
    """It can't be read now; `str()` says why."""


@dataclass(frozen=True)
class Answers:
    """Of a connector since its gateway started: submits that were answered or given up, those that
    were answered `throttled`, and those that were not answered within SLOW seconds."""

    count: int
    throttled: int
    slow: int


@dataclass(frozen=True)
class Figures:
    """`disk`: by name without `orbit_gateway_`; `answers`: by connector."""

    disk: dict[str, float] = field(default_factory=dict)
    answers: dict[str, Answers] = field(default_factory=dict)


def read(gateway: Gateway) -> Figures:
    """Nothing, of a launcher that has no metrics yet. Raises Unread."""
    headers = urllib3.make_headers(basic_auth=f"{gateway.jcli_username}:{gateway.jcli_password}")
    timeout = urllib3.Timeout(connect=3.0, read=5.0)
    try:
        with urllib3.PoolManager(retries=False, timeout=timeout) as http:
            answer = http.request(
                "GET",
                f"{gateway.http_url.rstrip('/')}/lane/metrics",
                headers=headers,
                redirect=False,
                preload_content=False,
            )
            raw = answer.read(MOST_OCTETS)
    except HTTPError as error:
        raise Unread(type(error).__name__) from None
    if answer.status == 404:
        return Figures()
    if answer.status != 200:
        raise Unread(f"HTTP {answer.status} to /lane/metrics")
    try:
        return parsed(raw.decode())
    except ValueError:
        raise Unread("its metrics can't be read") from None


def parsed(text: str) -> Figures:
    """Raises ValueError."""
    lines = [each for each in text.splitlines() if each.startswith(_WANTED)]
    disk: dict[str, float] = {}
    counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for family in text_string_to_metric_families("\n".join(lines) + "\n"):
        for sample in family.samples:
            if sample.name.startswith(_GATEWAY):
                disk[sample.name.removeprefix(_GATEWAY)] = sample.value
            elif name := _figure(sample.name, sample.labels):
                counts[sample.labels.get("connector", "")][name] += sample.value
    return Figures(disk, {cid: _answers(each) for cid, each in counts.items()})


def _figure(name: str, labels: dict[str, str]) -> str:
    """What this sample adds to; "" for nothing."""
    if name == _ANSWERS:
        return "throttled" if labels.get("class") == "throttled" else "others"
    if name == _UNANSWERED:
        return "unanswered"
    if name == f"{_SECONDS}_bucket":
        return {SLOW: "quick", "+Inf": "timed"}.get(labels.get("le", ""), "")
    return ""


def _answers(counts: dict[str, float]) -> Answers:
    return Answers(
        count=int(counts["others"] + counts["throttled"] + counts["unanswered"]),
        throttled=int(counts["throttled"]),
        slow=int(counts["timed"] - counts["quick"] + counts["unanswered"]),
    )
