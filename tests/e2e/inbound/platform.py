"""An organisation's own platform on its access bind: smpplib's client, which binds again."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from smpplib.client import Client
from smpplib.exceptions import ConnectionError as Disconnected
from smpplib.exceptions import PDUError

from orbit.dev.stack import Jasmin
from tests.e2e.api import Api
from tests.e2e.waiting import becomes

ACCESS = "/v1/messaging/smpp/access"
PAUSE = 0.2  # seconds before it binds again
SECONDS = 1.0  # that it waits for a PDU at a time

logging.getLogger(__name__).setLevel(logging.ERROR)  # it tells of each connection


class Platform:
    """`got`: user data of each deliver_sm, and how often it came. All are answered with OK."""

    def __init__(self, jasmin: Jasmin, system_id: str, password: str) -> None:
        self.got: Counter[bytes] = Counter()
        self.binds = 0
        self._place = jasmin.smpp_host, jasmin.smpp_port
        self._login = {"system_id": system_id, "password": password}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE):
            client = Client(
                *self._place, timeout=SECONDS, logger_name=__name__, allow_unknown_opt_params=True
            )
            client.set_message_received_handler(self._hear)
            with contextlib.suppress(Disconnected, PDUError, OSError):
                client.connect()
                client.bind_transceiver(**self._login)
                self.binds += 1
                self._listen(client)
            with contextlib.suppress(OSError):
                client.disconnect()

    def _listen(self, client: Client) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(TimeoutError):
                client.read_once(auto_send_enquire_link=False)

    def _hear(self, pdu: Any) -> None:
        self.got[bytes(pdu.short_message)] += 1


@contextmanager
def platform_of(api: Api, jasmin: Jasmin) -> Iterator[Platform]:
    """The caller's organisation's, with a right to bind."""
    assert api.patch(ACCESS, {"enabled": True}).status == 200
    password = api.get(f"{ACCESS}/reveal").data["password"]
    becomes(lambda: api.get(ACCESS).data["sync"]["state"], "synced")
    platform = Platform(jasmin, api.get(ACCESS).data["system_id"], password)
    platform.start()
    try:
        yield platform
    finally:
        platform.stop()
