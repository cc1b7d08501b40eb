"""The transport half of a session: bytes in, whole PDUs out, and an end that leaves nothing open.

Whatever bytes come, the worst that happens is that this connection is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from messaging.smpp import pdu
from messaging.smpp.protocol.status import by_name
from messaging.smpp.simulator.journal import Journal

_RINVCMDLEN = by_name("ESME_RINVCMDLEN").value


class Connection:
    """Reads PDUs until the peer goes or somebody closes. Lives on the simulator's event loop.

    Children say what a PDU means (`take`) and what to do at the end (`leave`, which may be called
    more than once).
    """

    def __init__(
        self,
        journal: Journal,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        host, port = (writer.get_extra_info("peername") or ("?", 0))[:2]
        self.number = number
        self.peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.closing = False
        self._journal = journal
        self._reader = reader
        self._writer = writer
        self._framer = pdu.Framer()

    def take(self, raw: bytes) -> None:
        """A whole PDU came."""
        raise NotImplementedError

    def leave(self) -> None:
        """The connection carries nothing any more."""
        raise NotImplementedError

    def about(self) -> dict[str, Any]:
        """What the journal says of this connection in every line."""
        return {"session": self.number, "peer": self.peer}

    async def run(self) -> None:
        """The whole life of the connection."""
        self.log("connected")
        try:
            while not self.closing:
                data = await self._reader.read(65536)
                if not data:
                    break
                self._framer.feed(data)
                self._take_all()
                await self._writer.drain()
        except OSError:
            pass  # reset, broken TLS, aborted: an end like any other
        finally:
            self.closing = True
            self.log("closed")
            self.leave()
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    def send(self, raw: bytes) -> None:
        if self.closing or self._writer.is_closing():
            return
        self._journal.pdu(raw, "out", **self.about())
        self._writer.write(raw)

    def drop(self, last_words: bytes) -> None:
        """Send these bytes, whole PDU or not, and close."""
        self.log("dropping", sent=last_words.hex())
        self._writer.write(last_words)
        self.close()

    def close(self) -> None:
        """Send what is written, then end."""
        self.closing = True
        self._writer.close()
        self.leave()

    def abort(self) -> None:
        """Cut the connection at once, as a dying carrier does."""
        self.closing = True
        self._writer.transport.abort()
        self.leave()

    def log(self, event: str, **details: Any) -> None:
        self._journal.event(event, **self.about(), **details)

    def _take_all(self) -> None:
        while not self.closing:
            try:
                raw = self._framer.next()
            except pdu.PduError as error:
                self.log("error", error=str(error))
                self.send(pdu.build("generic_nack", sequence=0, status=_RINVCMDLEN))
                self.close()
                return
            if raw is None:
                return
            self._journal.pdu(raw, "in", **self.about())
            self.take(raw)
