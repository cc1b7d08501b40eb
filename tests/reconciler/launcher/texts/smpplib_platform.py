"""A platform on smpplib, an independent SMPP client, in a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

import smpplib.client
import smpplib.exceptions

from orbit.dev.stack import Jasmin


class SmpplibPlatform:
    """Binds as transceiver; `texts` are the payloads of deliver_sm, which it answers."""

    def __init__(self, jasmin: Jasmin, username: str, password: str = "pw") -> None:
        self.texts: list[bytes] = []
        self._client = smpplib.client.Client(
            jasmin.smpp_host, jasmin.smpp_port, timeout=60, allow_unknown_opt_params=True
        )
        self._client.set_message_received_handler(self._received)
        self._client.connect()
        self._client.bind_transceiver(system_id=username, password=password)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> SmpplibPlatform:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._client._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._client.disconnect()

    def _received(self, pdu: smpplib.command.Command) -> None:
        self.texts.append(pdu.short_message)

    def _listen(self) -> None:
        with contextlib.suppress(smpplib.exceptions.ConnectionError):  # the end of the test
            self._client.listen()
