"""What one connector and its carrier say to each other for some time: the last PDUs, in memory.

Passwords are blanked before a PDU is kept. Texts and numbers are masked when the trace is read:
most of what is kept while thousands of PDUs pass in a second is dropped unread.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from messaging.smpp.protocol.masking import masked
from messaging.smpp.protocol.pdu import WITH_PASSWORD, blanked
from reconciler.gateway_api import MOST_READ_PDUS, MOST_TRACE_OCTETS, MOST_TRACE_PDUS

_Kept = tuple[float, str, str, bytes]  # at, direction, session, octets
_COMMAND_ID = slice(4, 8)  # of a PDU


@dataclass(frozen=True)
class Rights:
    """What the reader of a trace may see."""

    texts: bool
    numbers: bool


class Trace:
    """`last`: the number of the last PDU; the first one has 1."""

    def __init__(self, id: str, cid: str, rights: Rights) -> None:
        self.id, self.cid = id, cid
        self.last = 0
        self._rights = rights
        self._kept: deque[_Kept] = deque()
        self._octets = 0
        self._links: dict[str, list[Any]] = {}

    def keeper(self, session: str, host: Any, peer: Any) -> Callable[[bytes, str], None]:
        """What keeps the PDUs of one connection between two addresses (Twisted's)."""
        self._links[session] = [host.host, host.port, peer.host, peer.port]
        kept, clock = self._kept, time.time

        def keep(raw: bytes, direction: str) -> None:
            if raw[_COMMAND_ID] in WITH_PASSWORD:
                raw = blanked(raw)
            kept.append((clock(), direction, session, raw))
            self.last += 1
            self._octets += len(raw)
            while len(kept) > MOST_TRACE_PDUS or self._octets > MOST_TRACE_OCTETS:
                self._octets -= len(kept.popleft()[3])

        return keep

    def read(self, after: int) -> dict[str, Any]:
        """PDUs numbered above `after`, and the links they went over (`gateway_api.TRACE`)."""
        first = self.last - len(self._kept) + 1
        start = max(after + 1, first)
        found = islice(self._kept, max(0, start - first), max(0, start - first) + MOST_READ_PDUS)
        pdus = [
            [number, at, direction, session, self._shown(raw).hex()]
            for number, (at, direction, session, raw) in enumerate(found, start)
        ]
        sessions = {each[3] for each in pdus}
        links = {name: link for name, link in self._links.items() if name in sessions}
        return {"last": self.last, "links": links, "pdus": pdus}

    def _shown(self, raw: bytes) -> bytes:
        return masked(raw, texts=self._rights.texts, numbers=self._rights.numbers)
