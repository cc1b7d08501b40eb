"""Traces in the cache: one of a credential, gone some time after its end.

They are sealed: those who asked may have the right to read texts. A lost cache loses a trace, and
the gateway ends it all the same.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.cache import cache

from orbit.db import sealing
from reconciler.gateway_client.traced import TracedPdu

PATIENCE = 60.0  # seconds for a worker to start it, and for the last PDUs to be read
ASKED_AGAIN = 2  # seconds after which a page may ask once more that a worker goes on
_LONGEST_STEP = 30  # seconds that a worker takes
_PLACE = "trace"


class State(StrEnum):
    ASKED = "asked"
    ON = "on"
    OVER = "over"
    FAILED = "failed"


@dataclass(frozen=True)
class Chunk:
    """PDUs that were read together; `octets`: how long they were."""

    number: int
    count: int
    octets: int


@dataclass(frozen=True)
class Trace:
    """Times are in seconds since 1970. `by`: key and address of the operator. `last`: the number of
    the last PDU that the gateway had, `read`: of the last one that was read. `trouble`: why the
    gateway did not answer just now; `why`: why the trace failed or ended early."""

    id: str
    credential: str
    cid: str
    gateway: str
    by: str
    by_name: str
    texts: bool
    seconds: float
    asked_at: float
    state: State = State.ASKED
    started_at: float = 0.0
    ends_at: float = 0.0
    why: str = ""
    trouble: str = ""
    last: int = 0
    read: int = 0
    chunks: tuple[Chunk, ...] = ()

    @property
    def is_going_on(self) -> bool:
        """Whether a worker has something to do for it."""
        return self.state in (State.ASKED, State.ON)

    @property
    def is_running(self) -> bool:
        """Whether another one of the credential has to wait for its end."""
        until = self.ends_at if self.state == State.ON else self.asked_at + PATIENCE
        return self.is_going_on and time.time() < until

    @property
    def count(self) -> int:
        """Of PDUs that can be shown."""
        return sum(each.count for each in self.chunks)

    @property
    def dropped(self) -> int:
        """PDUs that were older than what is kept, here or in the gateway."""
        return (self.read if self.is_going_on else self.last) - self.count

    @property
    def waiting(self) -> int:
        """PDUs that the gateway has, or had, and that are to be read yet."""
        return self.last - self.read if self.is_going_on else 0


def open_trace(
    *, credential: str, cid: str, gateway: str, by: str, by_name: str, seconds: float, texts: bool
) -> Trace | None:
    """A new trace, in the place of one that is over. None: one is running."""
    trace = Trace(
        secrets.token_hex(16), credential, cid, gateway, by, by_name, texts, seconds, time.time()
    )
    before = of_credential(credential)
    if before is not None and before.is_running:
        return None
    if before is not None:
        discard(before)
    if not cache.add(_pointer(credential), trace.id, _lifetime(trace)):
        return None
    write(trace)
    return trace


def discard(trace: Trace) -> None:
    cache.delete_many(
        [
            _pointer(trace.credential),
            _key(trace.id),
            *(_chunk(trace.id, each) for each in trace.chunks),
        ]
    )


def of_credential(credential: str) -> Trace | None:
    """The last one, while it is kept."""
    id = cache.get(_pointer(credential))
    return None if id is None else find(id)


def find(id: str) -> Trace | None:
    facts: dict[str, Any] | None = cache.get(_key(id))
    if facts is None:
        return None
    chunks = tuple(Chunk(*each) for each in facts["chunks"])
    return Trace(**facts | {"state": State(facts["state"]), "chunks": chunks})


def write(trace: Trace) -> None:
    facts = dataclasses.asdict(trace)
    facts |= {
        "state": str(trace.state),
        "chunks": [dataclasses.astuple(each) for each in trace.chunks],
    }
    cache.set(_key(trace.id), facts, _lifetime(trace))


def keep(trace: Trace, pdus: Sequence[TracedPdu], last: int) -> Trace:
    """The trace with what was read; the oldest PDUs leave it for those that have no room."""
    trace = dataclasses.replace(trace, last=last)
    if not pdus:
        return trace
    octets = sum(len(each.octets) // 2 for each in pdus)
    chunk = Chunk(pdus[-1].number, len(pdus), octets)
    text = json.dumps([dataclasses.astuple(each) for each in pdus])
    cache.set(_chunk(trace.id, chunk), sealing.seal(text, _PLACE), _lifetime(trace))
    chunks = [*trace.chunks, chunk]
    while len(chunks) > 1 and sum(each.octets for each in chunks) > settings.TRACE_OCTETS:
        cache.delete(_chunk(trace.id, chunks.pop(0)))
    return dataclasses.replace(trace, read=chunk.number, chunks=tuple(chunks))


def newest(trace: Trace, *, before: int | None = None) -> Iterator[TracedPdu]:
    """PDUs, the last one first: all, or those with a smaller number."""
    for chunk in reversed(trace.chunks):
        if before is None or chunk.number - chunk.count + 1 < before:
            pdus = reversed(_pdus(trace, chunk))
            yield from (each for each in pdus if before is None or each.number < before)


def ask_to_stop(trace: Trace) -> None:
    cache.set(f"{_key(trace.id)}:stop", 1, _lifetime(trace))


def is_to_stop(trace: Trace) -> bool:
    return cache.get(f"{_key(trace.id)}:stop") is not None


def may_ask(trace: Trace) -> bool:
    """Whether no worker was asked just now to go on with it."""
    return cache.add(f"{_key(trace.id)}:asked", 1, ASKED_AGAIN)


@contextmanager
def alone(id: str) -> Iterator[bool]:
    """Whether no other worker is at it."""
    key = f"{_key(id)}:alone"
    ours = cache.add(key, 1, _LONGEST_STEP)
    try:
        yield ours
    finally:
        if ours:
            cache.delete_many([key, f"{_key(id)}:asked"])


def _pdus(trace: Trace, chunk: Chunk) -> list[TracedPdu]:
    sealed = cache.get(_chunk(trace.id, chunk))
    if sealed is None:
        return []
    found = json.loads(sealing.unseal(sealed, _PLACE))
    return [
        TracedPdu(number, at, is_out, tuple(link), octets)
        for number, at, is_out, link, octets in found
    ]


def _lifetime(trace: Trace) -> int:
    """Seconds from now until it is gone."""
    until = (trace.ends_at or trace.asked_at + PATIENCE + trace.seconds) - time.time()
    return settings.TRACE_KEPT_MINUTES * 60 + max(0, round(until))


def _pointer(credential: str) -> str:
    return f"trace-of:{credential}"


def _key(id: str) -> str:
    return f"trace:{id}"


def _chunk(id: str, chunk: Chunk) -> str:
    return f"trace:{id}:{chunk.number}"
