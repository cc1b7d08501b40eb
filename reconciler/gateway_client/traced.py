"""What a gateway says of a trace (`gateway_api.TRACE`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reconciler.gateway_api import TraceState


@dataclass(frozen=True)
class TracedPdu:
    """`at`: in seconds since 1970. `is_out`: from the gateway to the carrier. `link`: own host and
    port, the carrier's host and port. `octets`: in hexadecimal, masked as the trace was ordered."""

    number: int
    at: float
    is_out: bool
    link: tuple[str, int, str, int]
    octets: str = field(repr=False)


@dataclass(frozen=True)
class TraceRead:
    """`why` it was refused; `left`: seconds until it ends; `last`: the number of the last PDU that
    there was."""

    state: TraceState
    why: str
    left: float
    last: int
    pdus: list[TracedPdu]


def read(said: dict[str, Any]) -> TraceRead:
    """Of a wrong answer: KeyError, TypeError, ValueError, OverflowError or AttributeError."""
    links = {name: _link(*link) for name, link in said.get("links", {}).items()}
    pdus = [
        TracedPdu(int(number), float(at), direction == "out", links[session], _octets(octets))
        for number, at, direction, session, octets in said.get("pdus", ())
    ]
    state, why = TraceState(said["state"]), str(said.get("why", ""))
    return TraceRead(state, why, float(said.get("left", 0)), int(said.get("last", 0)), pdus)


def _link(host: str, port: int, peer: str, peer_port: int) -> tuple[str, int, str, int]:
    return str(host), int(port), str(peer), int(peer_port)


def _octets(text: str) -> str:
    return bytes.fromhex(text).hex()
