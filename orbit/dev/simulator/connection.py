"""The transport half of a session: bytes in, whole PDUs out, and an end that leaves nothing open.

Whatever bytes come, the worst that happens is that this connection is closed. What is sent in one
turn of the loop leaves in one write.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, cast

from messaging.smpp.protocol.command_status import by_name
from messaging.smpp.protocol.framing import Framer, PduError
from messaging.smpp.protocol.pdu import write
from orbit.dev.simulator.event_log import Journal

_RINVCMDLEN = by_name("ESME_RINVCMDLEN").value
# IPPROTO_TCP and Linux's TCP_QUICKACK, which the kernel forgets after each use.
_QUICKACK = (6, 12)


class Connection(asyncio.Protocol):
    """Reads PDUs until the peer goes or somebody closes. Lives on the simulator's event loop.

    Children say who it is (`arrived`, which sets `number`), what a PDU means (`take`), what to do
    when it is no session any more (`leave`, which may be called more than once), when it is gone
    (`departed`), and with a fault of ours (`failed`).
    """

    def __init__(self, journal: Journal) -> None:
        self.number = 0
        self.peer = "?"
        self.closing = False
        self._journal = journal
        self._framer = Framer()
        self._out: list[bytes] = []

    def arrived(self) -> None:
        raise NotImplementedError

    def take(self, raw: bytes) -> None:
        raise NotImplementedError

    def leave(self) -> None:
        raise NotImplementedError

    def departed(self) -> None:
        raise NotImplementedError

    def failed(self, error: Exception) -> None:
        raise NotImplementedError

    def about(self) -> dict[str, Any]:
        """What the journal says of this connection in every line."""
        return {"session": self.number, "peer": self.peer}

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._loop = asyncio.get_running_loop()
        self._socket = transport.get_extra_info("socket")
        host, port = (transport.get_extra_info("peername") or ("?", 0))[:2]
        self.peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.arrived()
        self.log("connected")

    def data_received(self, data: bytes) -> None:
        # A peer with Nagle's algorithm waits for our kernel's acknowledgement, 40 ms each time: how
        # late a carrier is must be what its faults say.
        with contextlib.suppress(OSError):
            self._socket.setsockopt(*_QUICKACK, 1)
        self._framer.feed(data)
        try:
            self._take_all()
        except Exception as error:
            self.failed(error)

    def pause_writing(self) -> None:
        """The peer reads nothing: it is not read from either, so that nothing grows."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        if not self.closing:
            self._transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self.closing = True
        self.log("closed")
        self.leave()
        self.departed()

    # What a session does.

    def send(self, raw: bytes) -> None:
        if self.closing:
            return
        if self._journal.is_kept:
            self._journal.pdu(raw, "out", **self.about())
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(raw)

    def drop(self, last_words: bytes) -> None:
        """Send these bytes, whole PDU or not, and close."""
        if self.closing:
            return
        self.log("dropping", sent=last_words.hex())
        self._out.append(last_words)
        self.close()

    def close(self) -> None:
        """Send what is written, then end."""
        self._flush()
        self.closing = True
        self._transport.close()
        self.leave()

    def abort(self) -> None:
        """Cut the connection at once, as a dying carrier does."""
        self.closing = True
        self._transport.abort()
        self.leave()

    def log(self, event: str, **details: Any) -> None:
        if self._journal.is_kept:
            self._journal.event(event, **self.about(), **details)

    def _flush(self) -> None:
        if self._out and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def _take_all(self) -> None:
        while not self.closing:
            try:
                raw = self._framer.next()
            except PduError as error:
                self.log("error", error=str(error))
                self.send(write("generic_nack", sequence=0, status=_RINVCMDLEN))
                self.close()
                return
            if raw is None:
                return
            if self._journal.is_kept:
                self._journal.pdu(raw, "in", **self.about())
            self.take(raw)
