"""What a carrier sends by itself: receipts and texts from phones, as PDUs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from messaging.smpp.protocol.pdu import Pdu, write
from orbit.dev.simulator.receipt_formats import PLAIN, Form, padded, receipt_pdu
from orbit.dev.simulator.submits import Submit
from orbit.dev.simulator.systems import System


class Delivery(Protocol):
    """Something on its way to a bind. `session`: the number of the connection that it belongs to,
    None if to none; `refused_by` is that of the session which said "not now" last."""

    refused_by: int | None

    @property
    def session(self) -> int | None: ...

    def counts(self, system: System) -> Counter[str]:
        """Where it is counted: sent, acknowledged, postponed, rejected."""
        ...

    def written(self, sequence: int) -> bytes:
        """The PDU."""
        ...


@dataclass(slots=True)
class Receipt:
    """What became of `submit`, whose PDU is `submitted`. `done`: Unix seconds."""

    submit: Submit
    submitted: Pdu = field(repr=False)
    state: str
    done: float
    form: Form = PLAIN
    refused_by: int | None = None

    @property
    def session(self) -> int | None:
        return self.submit.session

    def counts(self, system: System) -> Counter[str]:
        return system.receipts

    def written(self, sequence: int) -> bytes:
        command, fields, tlvs = receipt_pdu(
            self.submitted,
            receipt_id=self.submit.receipt_id,
            state=self.state,
            taken=self.submit.taken,
            done=self.done,
            form=self.form,
        )
        raw = write(command, sequence=sequence, tlvs=tlvs, **fields)
        return padded(raw, self.form.padding)


@dataclass(slots=True)
class Text:
    """A text from a phone; `fields` are those of its deliver_sm."""

    fields: dict[str, Any] = field(repr=False)
    session: int | None = None
    refused_by: int | None = None

    def counts(self, system: System) -> Counter[str]:
        return system.texts

    def written(self, sequence: int) -> bytes:
        return write("deliver_sm", sequence=sequence, **self.fields)


def text_fields(
    *,
    source_addr: str,
    destination_addr: str,
    short_message: bytes,
    **others: int,
) -> dict[str, Any]:
    """Fields of a text from a phone: numbers are international (TON 1, NPI 1) unless said.

    Raises ValueError for what fits no deliver_sm.
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
