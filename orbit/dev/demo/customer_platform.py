"""An organisation's own platform: a plain SMPP client, bound to the gateway's SMPP server."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from messaging.net.deadline import Deadline
from messaging.net.errors import LinkError, NoAnswer
from messaging.smpp.blocking_session import Account, Session
from messaging.smpp.link import Link, open_link
from messaging.smpp.protocol.command_status import OK, Status
from messaging.smpp.protocol.receipt import read_receipt
from orbit.dev.demo.checks import PAUSE, wait_for

ANSWER_PATIENCE = 10  # seconds
SENDER = "33600000000"
_INTERNATIONAL, _ISDN = 1, 1  # type of number, numbering plan (SMPP 3.4 §5.2.5, §5.2.6)


class RefusedByGateway(Exception):
    """The gateway refuses a bind or a message."""

    def __init__(self, status: Status) -> None:
        super().__init__(f"{status.name}: {status.meaning}")
        self.status = status


@dataclass(frozen=True)
class Access:
    """Address and account from `GET …/smpp/access` and its reveal. `host` is an IP address."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)


class Platform:
    """A bind, open inside `with`. `receipts`: message id → state of its delivery receipt.

    Methods raise LinkError, and RefusedByGateway.
    """

    def __init__(self, access: Access) -> None:
        self.receipts: dict[str, str] = {}
        self._access = access
        self._link: Link
        self._session: Session

    def __enter__(self) -> Platform:
        access, soon = self._access, Deadline.after(ANSWER_PATIENCE)
        self._link = open_link(address=access.host, port=access.port, deadline=soon)
        try:
            self._session = Session(self._link)
            status = self._session.bind(Account(access.system_id, access.password), deadline=soon)
            if status != OK:
                raise RefusedByGateway(status)
        except BaseException:
            self._link.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with self._link, suppress(LinkError):
            self._session.unbind(deadline=Deadline.after(ANSWER_PATIENCE))

    def send(self, to: str, text: str) -> str:
        """Submit a message; returns the gateway's message id."""
        answer = self._session.submit(
            deadline=Deadline.after(ANSWER_PATIENCE),
            source_addr_ton=_INTERNATIONAL,
            source_addr_npi=_ISDN,
            source_addr=SENDER,
            dest_addr_ton=_INTERNATIONAL,
            dest_addr_npi=_ISDN,
            destination_addr=to,
            short_message=text.encode("ascii"),
            registered_delivery=1,
        )
        if answer.status != OK:
            raise RefusedByGateway(answer.status)
        return answer.message_id

    def listen(self, seconds: float) -> None:
        """Receive and acknowledge deliveries for so long."""
        until = Deadline.after(seconds)
        with suppress(NoAnswer):
            while until.left():
                delivery = self._session.delivery(deadline=until)
                self._session.answer(delivery, OK, deadline=Deadline.after(ANSWER_PATIENCE))
                if receipt := read_receipt(delivery.pdu):
                    self.receipts[receipt.ids[0]] = receipt.word

    def wait_for_receipts(self, ids: set[str]) -> dict[str, str]:
        """id → state, once each of these messages has its receipt. Raises Failed."""

        def missing() -> int:
            self.listen(PAUSE)
            return len(ids - self.receipts.keys())

        wait_for(missing, lambda count: not count, f"the receipts of all {len(ids)} messages")
        return {each: self.receipts[each] for each in ids}
