"""An SMPP platform: a customer of Jasmin's own SMPP server."""

from __future__ import annotations

from types import TracebackType

from messaging.smpp.connect import Deadline, open_link
from messaging.smpp.protocol.status import OK
from messaging.smpp.session import Account, Session, Submitted
from orbit.stack import Jasmin

SECONDS = 20


class Platform:
    """Bound, and unbound at the end of `with`."""

    def __init__(self, jasmin: Jasmin, username: str, password: str) -> None:
        soon = Deadline.after(SECONDS)
        self._link = open_link(address=jasmin.smpp_host, port=jasmin.smpp_port, deadline=soon)
        self._session = Session(self._link)
        assert self._session.bind(Account(username, password), deadline=soon) == OK

    def __enter__(self) -> Platform:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._link.close()

    def submit(self, text: str = "hello", *, receipts: int = 1) -> Submitted:
        """`receipts`: registered_delivery, §5.2.17."""
        return self._session.submit(
            deadline=Deadline.after(SECONDS),
            destination_addr="33612345678",
            registered_delivery=receipts,
            short_message=text.encode(),
        )

    def receipt(self, seconds: float = SECONDS) -> str:
        """The next one, acknowledged. Raises NoAnswer."""
        soon = Deadline.after(seconds)
        delivery = self._session.delivery(deadline=soon)
        self._session.answer(delivery, OK, deadline=soon)
        return delivery.pdu.payload.decode()
