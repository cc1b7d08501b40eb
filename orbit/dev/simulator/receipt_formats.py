"""What a receipt looks like: Appendix B and the two TLVs of §5.3.2, or as a fault has it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from time import localtime, strftime
from typing import Any

from messaging.smpp.protocol.pdu import Pdu
from messaging.smpp.protocol.tlv import (
    MESSAGE_PAYLOAD,
    MESSAGE_STATE,
    NETWORK_ERROR_CODE,
    RECEIPTED_MESSAGE_ID,
    Tlv,
)
from orbit.dev.simulator.fault_kinds import RECEIPT_STATES
from orbit.dev.simulator.faults import FaultScript
from orbit.dev.simulator.submits import user_data

RECEIPT_ESM_CLASS = 0x04  # §5.2.12: SMSC delivery receipt
MAX_SHORT_MESSAGE = 254  # octets, §5.2.21; what is longer goes into message_payload
_UCS2 = 8
_ODD_TLVS = (
    Tlv(0x1400, b"vendor\0"),
    Tlv(0x1400, b""),
    Tlv(0x020C, b"\0\0\0\1"),  # sar_msg_ref_num, which has two octets
)


@dataclass(frozen=True)
class Form:
    """How a carrier writes its receipts. `word` stands for the state, `error` behind `err:`; ""
    is as Appendix B has it. `place` is "text", "tlvs", "payload" or "data_sm"."""

    word: str = ""
    error: str = ""
    place: str = "text"
    coding: int = 0
    utf16: bool = False
    marked: bool = True
    network_error: str = ""
    blanks: bool = False
    unknown: bool = False
    padding: int = 0
    odd_tlvs: bool = False

    @property
    def has_tlvs(self) -> bool:
        """The id and the state, which would tell what an odd text does not."""
        if self.place == "text":
            odd = self.word or self.coding or self.blanks or self.unknown
            return self.marked and not odd
        return self.place == "tlvs"


PLAIN = Form()

_PLACES = (
    ("tlv-receipt", "tlvs"),
    ("payload-receipt", "payload"),
    ("data-sm-receipt", "data_sm"),
)


def form_of(script: FaultScript) -> Form:
    """What the faults say of the next receipt. Call once for each: it counts."""
    if not script.faults:
        return PLAIN

    def value(name: str) -> str:
        fault = script.strikes(name, "submit")
        return fault.value if fault else ""

    def strikes(name: str) -> bool:
        return script.strikes(name, "submit") is not None

    places = [place for name, place in _PLACES if strikes(name)]
    utf16, wrong = strikes("utf16-receipt"), strikes("wrong-coding")
    return Form(
        word=value("receipt-word"),
        error=value("receipt-error"),
        place=places[0] if places else "text",
        coding=_UCS2 if utf16 or wrong else 0,
        utf16=utf16,
        marked=not strikes("unmarked-receipt"),
        network_error=value("network-error"),
        blanks=strikes("blanks"),
        unknown=strikes("unknown-form"),
        padding=int(value("trailing-nuls") or 0),
        odd_tlvs=strikes("odd-tlvs"),
    )


def with_word(form: Form, word: str) -> Form:
    """The same carrier's interim receipt."""
    return replace(form, word=word)


def receipt_pdu(
    submitted: Pdu, *, receipt_id: str, state: str, taken: float, done: float, form: Form
) -> tuple[str, dict[str, Any], list[Tlv]]:
    """`(command, fields, TLVs)` of the receipt for `submitted`: the addresses change places."""
    word = form.word or state
    tlvs = []
    if form.has_tlvs:
        if word.upper() in RECEIPT_STATES:
            tlvs.append(Tlv(MESSAGE_STATE, bytes([RECEIPT_STATES[word.upper()]])))
        tlvs.append(Tlv(RECEIPTED_MESSAGE_ID, receipt_id.encode("latin-1") + b"\0"))
    if form.network_error:
        tlvs.append(Tlv(NETWORK_ERROR_CODE, bytes.fromhex(form.network_error)))
    if form.odd_tlvs:
        tlvs.extend(_ODD_TLVS)
    fields = swapped(submitted)
    fields["esm_class"] = RECEIPT_ESM_CLASS if form.marked else 0
    fields["data_coding"] = form.coding
    if form.place != "tlvs":
        text = _text(submitted, receipt_id, word, int(taken) // 60, int(done) // 60, form)
        octets = text.encode("utf-16-be" if form.utf16 else "ascii")
        if form.place == "text" and len(octets) <= MAX_SHORT_MESSAGE:
            fields["short_message"] = octets
        else:
            tlvs.append(Tlv(MESSAGE_PAYLOAD, octets))
    return "data_sm" if form.place == "data_sm" else "deliver_sm", fields, tlvs


def swapped(submitted: Pdu) -> dict[str, Any]:
    """The addresses of an answer to a message."""
    fields = submitted.fields
    return {
        "source_addr_ton": fields["dest_addr_ton"],
        "source_addr_npi": fields["dest_addr_npi"],
        "source_addr": fields["destination_addr"],
        "dest_addr_ton": fields["source_addr_ton"],
        "dest_addr_npi": fields["source_addr_npi"],
        "destination_addr": fields["source_addr"],
    }


def padded(raw: bytes, count: int) -> bytes:
    """`raw` with NULs behind its last field, and a length that counts them."""
    return (len(raw) + count).to_bytes(4) + raw[4:] + bytes(count) if count else raw


def _text(submitted: Pdu, receipt_id: str, word: str, taken: int, done: int, form: Form) -> str:
    """`id:… sub:001 dlvrd:001 submit date:YYMMDDhhmm done date:… stat:DELIVRD err:000 text:…`

    `taken` and `done` are minutes since 1970.
    """
    if form.unknown:
        numbers = f"{submitted.text('destination_addr')},{submitted.text('source_addr')}"
        return f"00,{_minute(done)},{_minute(taken)},,{numbers},{receipt_id}"
    delivered = word.upper().startswith("DELIV")
    error = form.error or ("000" if delivered else "001")
    err = "" if form.network_error else f"err:{error} "
    text = (
        f"id:{receipt_id} sub:001 dlvrd:{'001' if delivered else '000'} "
        f"submit date:{_minute(taken)} done date:{_minute(done)} "
        f"stat:{word} {err}text:{_beginning(submitted)}"
    )
    return text.replace(":", ": ") if form.blanks else text


@lru_cache(maxsize=64)
def _minute(minutes: int) -> str:
    return strftime("%y%m%d%H%M", localtime(minutes * 60))


def _beginning(submitted: Pdu) -> str:
    """The first 20 characters, and nothing that could be read as a field of another receipt."""
    text = user_data(submitted).text[:20]
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isascii() and c.isprintable() else "." for c in text)
