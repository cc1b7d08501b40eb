"""What a trace keeps, and what leaves it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from messaging.smpp.protocol import pdu
from reconciler.gateway_api import MOST_READ_PDUS
from reconciler.launcher.lane import trace as traces
from reconciler.launcher.lane.trace import Rights, Trace


@dataclass
class Address:
    host: str
    port: int


@pytest.fixture
def trace() -> Trace:
    return Trace("t1", "obcarrier", Rights(texts=False, numbers=False))


def keep(trace: Trace, *raws: bytes, session: str = "s1") -> None:
    keeper = trace.keeper(session, Address("192.0.2.1", 40000), Address("192.0.2.2", 2775))
    for raw in raws:
        keeper(raw, "out")


def submit(text: bytes = b"hello") -> bytes:
    return pdu.write("submit_sm", sequence=1, short_message=text)


def test_the_oldest_leave_it_and_keep_their_numbers(trace, monkeypatch) -> None:
    monkeypatch.setattr(traces, "MOST_TRACE_PDUS", 3)

    keep(trace, *[submit()] * 5)

    assert trace.last == 5
    assert [each[0] for each in trace.read(0)["pdus"]] == [3, 4, 5]
    assert [each[0] for each in trace.read(4)["pdus"]] == [5]
    assert trace.read(5)["pdus"] == trace.read(99)["pdus"] == []


def test_it_keeps_so_many_octets(trace, monkeypatch) -> None:
    monkeypatch.setattr(traces, "MOST_TRACE_OCTETS", 2 * len(submit()))

    keep(trace, *[submit()] * 3)
    assert [each[0] for each in trace.read(0)["pdus"]] == [2, 3]

    keep(trace, submit(b"x" * 254))
    assert trace.read(0)["pdus"] == []  # one that is larger than all of it


def test_an_answer_has_so_many_and_the_next_the_rest(trace) -> None:
    keep(trace, *[submit()] * (MOST_READ_PDUS + 1))

    first = trace.read(0)["pdus"]
    assert len(first) == MOST_READ_PDUS
    assert [each[0] for each in trace.read(first[-1][0])["pdus"]] == [MOST_READ_PDUS + 1]


def test_an_answer_names_the_links_of_its_pdus_alone(trace) -> None:
    keep(trace, submit())
    keep(trace, submit(), session="s2")

    assert list(trace.read(1)["links"]) == ["s2"]
    assert trace.read(0)["links"]["s1"] == ["192.0.2.1", 40000, "192.0.2.2", 2775]


def test_a_password_is_blanked_before_it_is_kept(trace) -> None:
    keep(trace, pdu.write("bind_receiver", sequence=1, system_id="acme", password="s3cr3t"))

    assert b"s3cr3t" not in trace._kept[0][3]
