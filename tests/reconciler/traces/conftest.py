"""A gateway that traces, and a trace of one of its credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from messaging.smpp.protocol import pdu
from reconciler.models import Gateway
from reconciler.traces import store
from reconciler.traces.store import Trace
from tests.reconciler.lane_gateway import LaneGateway, lane_gateway

OCTETS = pdu.write("enquire_link", sequence=1).hex()


@dataclass
class Tracing:
    """Answers as the gateway does. `last`: how many PDUs it had, of which it has those from `first`
    on; `answer`: what is said in place of all else."""

    state: str = "on"
    first: int = 1
    last: int = 0
    at_once: int = 1_000
    answer: Any = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        self.asked.append(body)
        if self.answer is not None:
            return self.answer
        if body["do"] == "stop":
            self.state = "over"
        start = max(self.first, body.get("after", 0) + 1)
        end = min(self.last + 1, start + self.at_once)
        pdus = [[each, 1.5, "out", "s", OCTETS] for each in range(start, end)]
        links = {"s": ["192.0.2.1", 40000, "192.0.2.2", 2775]}
        said = {"state": self.state, "left": 60.0, "last": self.last, "links": links, "pdus": pdus}
        return 200, said

    @property
    def orders(self) -> list[str]:
        return [each["do"] for each in self.asked]


@pytest.fixture
def lane() -> Iterator[LaneGateway]:
    with lane_gateway() as gateway:
        yield gateway


@pytest.fixture
def tracing(lane: LaneGateway) -> Tracing:
    lane.answer_trace = made = Tracing()
    return made


@pytest.fixture
def row(db: None, lane: LaneGateway) -> Gateway:
    return lane.row("trace")


@pytest.fixture
def opened(row: Gateway) -> Iterator[Callable[..., Trace]]:
    """`opened(texts=True)`: a trace that a person asked for."""
    made: list[Trace] = []

    def make(**changed: Any) -> Trace:
        facts = {
            "credential": "cred_1", "cid": "obcid", "gateway": row.pk, "by": "7",
            "by_name": "ann@example.com", "seconds": 60.0, "texts": False,
        }  # fmt: skip
        made.append(store.open_trace(**facts | changed))
        return made[-1]

    yield make
    for each in filter(None, made):
        store.discard(store.find(each.id) or each)
