"""An SMPP client of the gateway: an organisation's platform."""

from __future__ import annotations

import socket
from types import TracebackType

from messaging.smpp.protocol.pdu import Framer, Pdu, read, write
from orbit.dev.stack import Jasmin

SECONDS = 20


class SmppPlatform:
    """Binds when made and closes at the end of `with`. It answers enquire_link by itself, and
    deliver_sm in `receipt`."""

    def __init__(
        self, jasmin: Jasmin, username: str | bytes, password: str, bind: str = "bind_transceiver"
    ) -> None:
        self._socket = socket.create_connection(
            (jasmin.smpp_host, jasmin.smpp_port), timeout=SECONDS
        )
        self._framer = Framer()
        self._sequence = 0
        self._receipts: list[Pdu] = []
        try:
            self.bound = self.ask(bind, system_id=username, password=password)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> SmppPlatform:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._socket.close()

    def patience(self, seconds: float) -> None:
        """Seconds to wait for a PDU from now on; then TimeoutError."""
        self._socket.settimeout(seconds)

    def ask(self, command: str, *, tlvs=(), **fields: object) -> Pdu:
        """Send a request; its response."""
        self._sequence += 1
        return self.ask_raw(write(command, sequence=self._sequence, tlvs=tlvs, **fields))

    def ask_raw(self, raw: bytes) -> Pdu:
        self._socket.sendall(raw)
        answer = self._next(response=True)
        assert answer.sequence == int.from_bytes(raw[12:16])
        return answer

    def submit(self, text: bytes = b"hello", *, receipts: int = 1, tlvs=(), **fields) -> Pdu:
        """`receipts`: registered_delivery, §5.2.17."""
        return self.ask(
            "submit_sm",
            tlvs=tlvs,
            **{"destination_addr": "33612345678", "short_message": text} | fields,
            registered_delivery=receipts,
        )

    def receipt(self, status: int = 0) -> Pdu:
        """The next deliver_sm, answered with `status`."""
        pdu = self.unanswered()
        self.answer(pdu, status)
        return pdu

    def unanswered(self) -> Pdu:
        """The next deliver_sm."""
        return self._receipts.pop(0) if self._receipts else self._next(response=False)

    def answer(self, pdu: Pdu, status: int = 0) -> None:
        self._socket.sendall(write("deliver_sm_resp", sequence=pdu.sequence, status=status))

    def _next(self, *, response: bool) -> Pdu:
        while True:
            while (raw := self._framer.next()) is None:
                data = self._socket.recv(65536)
                assert data, "the session was closed"
                self._framer.feed(data)
            pdu = read(raw)
            if pdu.command == "deliver_sm" and response:
                self._receipts.append(pdu)
            elif pdu.command == "enquire_link":
                self._socket.sendall(write("enquire_link_resp", sequence=pdu.sequence))
            else:
                return pdu
