"""A submit_sm as a record: decoded for people, with what was on the wire beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from smpplib.command import Command

from messaging.smpp import pdu
from messaging.smpp.simulator.text import read_user_data


@dataclass(frozen=True)
class Submit:
    """A submit_sm that came in. `text` is decoded; `short_message` is what was on the wire.

    `message_id` is the id in the answer, `receipt_id` the one in the receipt, both "" if it was
    refused; `status` the name of the answer (`ESME_ROK`), "" if the carrier stays silent
    (blackhole). `session` is the number of the connection, `part` (reference, total, number) of a
    long message, `fields` all that was set, with smpplib's names.
    """

    at: datetime
    system_id: str
    session: int
    peer: str
    sequence: int
    message_id: str
    receipt_id: str
    status: str
    source_addr_ton: int
    source_addr_npi: int
    source_addr: str
    dest_addr_ton: int
    dest_addr_npi: int
    destination_addr: str
    esm_class: int
    data_coding: int
    registered_delivery: int
    text: str
    short_message: bytes
    udh: bytes
    part: tuple[int, int, int] | None
    fields: dict[str, Any] = field(repr=False, compare=False)

    @property
    def accepted(self) -> bool:
        """Taken for delivery, answered or not."""
        return bool(self.message_id)


def submit_from(
    command: Command,
    *,
    at: datetime,
    system_id: str,
    session: int,
    peer: str,
    message_id: str,
    receipt_id: str,
    status: str,
) -> Submit:
    """The record of `command` (a parsed submit_sm) and of what became of it."""
    payload = command.short_message or command.message_payload or b""
    esm_class, data_coding = command.esm_class or 0, command.data_coding or 0
    data = read_user_data(payload, esm_class=esm_class, data_coding=data_coding)
    return Submit(
        at=at,
        system_id=system_id,
        session=session,
        peer=peer,
        sequence=command.sequence,
        message_id=message_id,
        receipt_id=receipt_id,
        status=status,
        source_addr_ton=command.source_addr_ton or 0,
        source_addr_npi=command.source_addr_npi or 0,
        source_addr=(command.source_addr or b"").decode("latin-1"),
        dest_addr_ton=command.dest_addr_ton or 0,
        dest_addr_npi=command.dest_addr_npi or 0,
        destination_addr=(command.destination_addr or b"").decode("latin-1"),
        esm_class=esm_class,
        data_coding=data_coding,
        registered_delivery=command.registered_delivery or 0,
        text=data.text,
        short_message=payload,
        udh=data.udh,
        part=data.part,
        fields=pdu.fields(command),
    )
