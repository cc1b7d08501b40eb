"""An organisation's own platform: one plain SMPP client, bound to the gateway's SMPP server."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from types import TracebackType

from smpplib.client import Client
from smpplib.command import Command
from smpplib.consts import SMPP_NPI_ISDN, SMPP_TON_INTL

from orbit.demo.checks import PAUSE, wait_for

ANSWER_PATIENCE = 10  # seconds
SENDER = "33600000000"
_RECEIPT = re.compile(rb"id:(\S+) .*stat:(\S+)")  # SMPP 3.4 Appendix B


@dataclass(frozen=True)
class Access:
    """What `GET …/smpp/access` and its reveal tell the platform."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)


class Platform:
    """Bound from `with` to its end. `receipts`: message id → the state that was reported.

    Raises smpplib's exceptions, among them PDUError when the gateway refuses a message.
    """

    def __init__(self, access: Access) -> None:
        self.receipts: dict[str, str] = {}
        self._access = access
        self._answers: dict[int, str] = {}
        self._client = Client(
            access.host, access.port, timeout=ANSWER_PATIENCE, allow_unknown_opt_params=True
        )
        self._client.set_message_sent_handler(self._answered)
        self._client.set_message_received_handler(self._received)

    def __enter__(self) -> Platform:
        try:
            self._client.connect()
            self._client.bind_transceiver(
                system_id=self._access.system_id, password=self._access.password
            )
        except BaseException:
            self._client.disconnect()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._client.__exit__(kind, error, at)

    def send(self, to: str, text: str) -> str:
        """Submits; returns the message id that the gateway gave."""
        sent = self._client.send_message(
            source_addr_ton=SMPP_TON_INTL,
            source_addr_npi=SMPP_NPI_ISDN,
            source_addr=SENDER,
            dest_addr_ton=SMPP_TON_INTL,
            dest_addr_npi=SMPP_NPI_ISDN,
            destination_addr=to,
            short_message=text.encode("ascii"),
            registered_delivery=True,
        )
        while sent.sequence not in self._answers:
            self._client.read_once(auto_send_enquire_link=False)
        return self._answers.pop(sent.sequence)

    def listen(self, seconds: float) -> None:
        """Takes what comes in, for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._client.poll(auto_send_enquire_link=False)
            time.sleep(PAUSE)

    def wait_for_receipts(self, ids: set[str]) -> dict[str, str]:
        """Of these messages: id → state. Raises Failed when one does not come."""

        def missing() -> int:
            self._client.poll(auto_send_enquire_link=False)
            return len(ids - self.receipts.keys())

        wait_for(missing, lambda count: not count, f"the receipts of all {len(ids)} messages")
        return {each: self.receipts[each] for each in ids}

    def _answered(self, pdu: Command) -> None:
        self._answers[pdu.sequence] = pdu.message_id.decode()

    def _received(self, pdu: Command) -> None:
        if found := _RECEIPT.search(pdu.short_message):
            message_id, state = found.groups()
            self.receipts[message_id.decode()] = state.decode()
