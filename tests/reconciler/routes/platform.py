"""An organisation's own platform: one plain SMPP client, bound to the gateway's server."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from types import TracebackType

import smpplib.client
import smpplib.consts
import smpplib.exceptions

from orbit.dev.stack import Jasmin


@dataclass(frozen=True)
class Receipt:
    """A receipt as a deliver_sm carries it: number, Jasmin's id, state of the message."""

    number: str
    message_id: str
    state: str


class Platform:
    """Binds as `system_id`; `submit` returns the status of the answer.

    `message_ids`: number → the id that its last message got. `receipts`: what has come so far.
    """

    def __init__(self, jasmin: Jasmin, system_id: str, password: str) -> None:
        self.receipts: list[Receipt] = []
        self.message_ids: dict[str, str] = {}
        self._client = smpplib.client.Client(
            jasmin.smpp_host, jasmin.smpp_port, timeout=5, allow_unknown_opt_params=True
        )
        self._client.connect()
        self._client.set_message_sent_handler(lambda pdu: None)
        self._client.set_message_received_handler(self._received)
        self._client.set_error_pdu_handler(lambda pdu: None)
        try:
            self._client.bind_transceiver(system_id=system_id, password=password)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Platform:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection without an unbind."""
        self._client.disconnect()

    def submit(self, to: str, text: str = "hello") -> int:
        sent = self._client.send_message(
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="33600000000",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=to,
            short_message=text.encode(),
            registered_delivery=True,
        )
        while True:
            answer = self._client.read_pdu()
            if answer.command == "submit_sm_resp" and answer.sequence == sent.sequence:
                self.message_ids[to] = (answer.message_id or b"").decode()
                return answer.status
            self._handle(answer)

    def wait_for_receipts(self, count: int, timeout: float = 30) -> list[Receipt]:
        deadline = time.monotonic() + timeout
        while len(self.receipts) < count and time.monotonic() < deadline:
            try:
                self._handle(self._client.read_pdu())
            except TimeoutError:
                continue
        return self.receipts

    def _handle(self, pdu) -> None:
        if pdu.command == "deliver_sm":
            self._client._message_received(pdu)
        elif pdu.command == "enquire_link":
            self._client._enquire_link_received(pdu)

    def _received(self, pdu) -> None:
        said = dict(re.findall(r"(\w+):(\S+)", pdu.short_message.decode()))
        self.receipts.append(Receipt(pdu.source_addr.decode(), said["id"], said["stat"]))
