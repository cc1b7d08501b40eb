"""smpplib's own client as a peer of the simulator; `raw` sends what it would not."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings
from smpplib.client import Client

from orbit.dev.simulator import SimulatorThread, System
from tests.messaging.smpp.probing import SECRET

SECONDS = 60

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")


class Esme:
    """smpplib's client, and what it received."""

    def __init__(self, port: int, *, context: ssl.SSLContext | None = None) -> None:
        self.client = Client(
            "127.0.0.1", port, timeout=SECONDS, ssl_context=context, allow_unknown_opt_params=True
        )
        self.sent: list[Any] = []
        self.received: list[Any] = []
        self.client.set_message_sent_handler(lambda pdu: self.sent.append(pdu))
        self.client.set_message_received_handler(lambda pdu: self.received.append(pdu))
        self.client.set_error_pdu_handler(lambda pdu: None)

    def bind(self, kind: str = "transceiver", **credentials: str) -> Any:
        wanted = {"system_id": "acme", "password": "secret"} | credentials
        return getattr(self.client, f"bind_{kind}")(**wanted)

    def submit(self, text: bytes = b"hello", **fields: Any) -> Any:
        """Send a submit_sm and wait for its answer; what comes before it is handled."""
        wanted = {
            "source_addr_ton": 5,
            "source_addr_npi": 0,
            "source_addr": "ACME",
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": "33612345678",
            "short_message": text,
            "registered_delivery": 1,
        } | fields
        before = len(self.sent)
        self.client.send_message(**wanted)
        while len(self.sent) == before:
            self.client.read_once(auto_send_enquire_link=False)
        return self.sent[-1]

    def receive(self) -> Any:
        """The next deliver_sm, acknowledged."""
        before = len(self.received)
        while len(self.received) == before:
            self.client.read_once(auto_send_enquire_link=False)
        return self.received[-1]

    def close(self) -> None:
        if self.client._socket is not None:
            self.client.disconnect()


@pytest.fixture
def esme(smsc: SimulatorThread) -> Iterator[Callable[..., Esme]]:
    """`esme()` connects to the plain port of `smsc`, `esme(port, context=…)` elsewhere."""
    made: list[Esme] = []

    def connect(port: int | None = None, **options: Any) -> Esme:
        made.append(Esme(port or smsc.port, **options))
        made[-1].client.connect()
        return made[-1]

    yield connect
    for one in made:
        one.close()


@pytest.fixture
def system(smsc: SimulatorThread) -> System:
    """The account `acme` at the carrier, for test sends."""
    return smsc.add_system("acme", SECRET)
