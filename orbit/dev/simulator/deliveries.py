"""Deliveries to a bind: delivery receipts and inbound texts, as PDUs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from messaging.smpp.protocol.pdu import Pdu, write
from orbit.dev.simulator.receipt_formats import PLAIN, ReceiptFormat, padded, receipt_pdu
from orbit.dev.simulator.submits import Submit


class Delivery(Protocol):
    """A receipt or an inbound text on its way to a bind.

    `session`: number of the session that submitted the message, None for an inbound text.
    `refused_by`: number of the session that answered "not now" last.
    """

    is_receipt: ClassVar[bool]
    refused_by: int | None

    @property
    def session(self) -> int | None: ...

    def written(self, sequence: int) -> bytes:
        """The PDU."""
        ...


@dataclass(slots=True)
class Receipt:
    """The delivery receipt of `submit`, whose PDU is `submitted`. `done`: Unix seconds."""

    is_receipt: ClassVar[bool] = True

    submit: Submit
    submitted: Pdu = field(repr=False)
    state: str
    done: float
    format: ReceiptFormat = PLAIN
    refused_by: int | None = None

    @property
    def session(self) -> int | None:
        return self.submit.session

    def written(self, sequence: int) -> bytes:
        command, fields, tlvs = receipt_pdu(
            self.submitted,
            receipt_id=self.submit.receipt_id,
            state=self.state,
            taken=self.submit.taken,
            done=self.done,
            receipt_format=self.format,
        )
        raw = write(command, sequence=sequence, tlvs=tlvs, **fields)
        return padded(raw, self.format.padding)


@dataclass(slots=True)
class Text:
    """An inbound text, from a phone; `fields` are those of its deliver_sm."""

    is_receipt: ClassVar[bool] = False

    fields: dict[str, Any] = field(repr=False)
    session: int | None = None
    refused_by: int | None = None

    def written(self, sequence: int) -> bytes:
        return write("deliver_sm", sequence=sequence, **self.fields)


def text_fields(
    *,
    source_addr: str,
    destination_addr: str,
    short_message: bytes,
    **others: int,
) -> dict[str, Any]:
    """The deliver_sm fields of an inbound text. TON and NPI are 1 unless given.

    Raises ValueError for a value that a deliver_sm can't hold.
    """
    wanted: dict[str, Any] = {
        "source_addr_ton": 1,
        "source_addr_npi": 1,
        "source_addr": source_addr,
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": destination_addr,
        "short_message": short_message,
    }
    write("deliver_sm", sequence=1, **wanted | others)
    return wanted | others
