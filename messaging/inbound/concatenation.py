"""Which part of which text a PDU is: by a header with a reference of 8 or 16 bits, or by the TLVs
sar_msg_ref_num, sar_total_segments and sar_segment_seqnum (SMPP 3.4 §5.3.2.22–24). Pure.

Parts belong together that have the same carrier account, sender, receiver, kind of reference,
reference and number of parts. The account is one organisation's, whatever bind a part comes on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from messaging.smpp.protocol.pdu import Pdu
from messaging.smpp.protocol.tlv import TAGS
from messaging.smpp.protocol.user_data import concatenation, split_header

_SAR = tuple(TAGS[name] for name in ("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum"))


@dataclass(frozen=True)
class PartOf:
    """`number` (from 1) of `total` parts. `kind`: of the reference, as bits or `sar`."""

    kind: str
    reference: int
    total: int
    number: int


def part_of(pdu: Pdu) -> PartOf | None:
    """The part that a PDU is; None for a text in one PDU. An impossible part number is ignored
    (3GPP TS 23.040 §9.2.3.24.1)."""
    header, _ = split_header(pdu.payload, pdu.number("esm_class"))
    found = None
    if told := concatenation(header):
        bits, reference, total, number = told
        found = PartOf(f"{bits}", reference, total, number)
    elif all(values := [pdu.tlv(tag) for tag in _SAR]):
        reference, total, number = (int.from_bytes(value) for value in values)
        found = PartOf("sar", reference, total, number)
    if found is None or found.total < 2 or not 1 <= found.number <= found.total <= 255:
        return None
    return found


def join_key(organization_id: str | None, account: str, pdu: Pdu, part: PartOf) -> str:
    """A key that all parts of a text share. Organisations may share an account at a carrier; their
    parts have different keys."""
    told = (
        organization_id or "",
        account,
        pdu.text("source_addr").removeprefix("+"),
        pdu.text("destination_addr").removeprefix("+"),
        part.kind,
        str(part.reference),
        str(part.total),
    )
    return hashlib.sha256("\0".join(told).encode()).hexdigest()
