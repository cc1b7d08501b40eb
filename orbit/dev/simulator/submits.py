"""The record of a submit_sm: its bytes, decoded only when they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from messaging.smpp.protocol.pdu import Pdu, read, shown
from messaging.smpp.protocol.user_data import UserData, read_user_data

NAMES = (
    "at", "system_id", "session", "peer", "sequence", "message_id", "receipt_id", "status",
    "source_addr_ton", "source_addr_npi", "source_addr", "dest_addr_ton", "dest_addr_npi",
    "destination_addr", "esm_class", "data_coding", "registered_delivery", "text",
    "short_message", "udh", "part", "fields", "accepted",
)  # fmt: skip
"""All that a submit says, for `as_json`."""

_NUMBERS = frozenset({
    "source_addr_ton", "source_addr_npi", "dest_addr_ton", "dest_addr_npi", "esm_class",
    "data_coding", "registered_delivery",
})  # fmt: skip
_TEXTS = frozenset({"source_addr", "destination_addr"})


class Submit:
    """A received submit_sm. `raw` is the whole PDU; properties decode it on access.

    `message_id` is the id in the answer, `receipt_id` the one in the receipt, both "" if it was
    refused. `status` is the name of the answer (`ESME_ROK`), "" if the carrier stays silent
    (blackhole). `session` is the number of the connection. Further attributes: the fields of
    submit_sm by name, `text` (decoded), `short_message` (octets, also of message_payload), `udh`,
    `part` (reference, total, number) of a long message, `fields` (all that was set).
    """

    __slots__ = (
        "message_id",
        "peer",
        "raw",
        "receipt_id",
        "session",
        "status",
        "system_id",
        "taken",
    )

    def __init__(
        self,
        raw: bytes,
        *,
        taken: float,
        system_id: str,
        session: int,
        peer: str,
        message_id: str,
        receipt_id: str,
        status: str,
    ) -> None:
        self.raw = raw
        self.taken = taken  # Unix seconds
        self.system_id = system_id
        self.session = session
        self.peer = peer
        self.message_id = message_id
        self.receipt_id = receipt_id
        self.status = status

    def __repr__(self) -> str:
        return f"<Submit {self.status or 'unanswered'} {self.message_id} {self.text!r}>"

    def __getattr__(self, name: str) -> Any:
        if name in _NUMBERS:
            return self.pdu.number(name)
        if name in _TEXTS:
            return self.pdu.text(name)
        raise AttributeError(name)

    @property
    def accepted(self) -> bool:
        """Taken for delivery, answered or not."""
        return bool(self.receipt_id)

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.taken).astimezone()

    @property
    def pdu(self) -> Pdu:
        return read(self.raw)

    @property
    def sequence(self) -> int:
        return self.pdu.sequence

    @property
    def short_message(self) -> bytes:
        return self.pdu.payload

    @property
    def text(self) -> str:
        return user_data(self.pdu).text

    @property
    def udh(self) -> bytes:
        return user_data(self.pdu).udh

    @property
    def part(self) -> tuple[int, int, int] | None:
        return user_data(self.pdu).part

    @property
    def fields(self) -> dict[str, int | str]:
        return shown(self.pdu)

    def as_json(self, names: Sequence[str] = NAMES) -> dict[str, Any]:
        """These of `NAMES`, as JSON values: octets in hex."""
        return {name: _json(getattr(self, name)) for name in names}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


def user_data(pdu: Pdu) -> UserData:
    return read_user_data(
        pdu.payload, esm_class=pdu.number("esm_class"), data_coding=pdu.number("data_coding")
    )
