"""Receipts as carriers of all kinds write them: what is read in each (`receipts/*.json`).

A case has the user data as `text` (in `alphabet`, ASCII where none is given) or as `hex`, in
short_message or where `in` says, TLVs by name or tag in hex, and other fields of a deliver_sm.
`esm_class` is that of a receipt unless it says otherwise; `receipt` is null where none can be read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from messaging.smpp.protocol import pdu, tlv
from messaging.smpp.protocol.pdu import Pdu
from messaging.smpp.protocol.receipt import Receipt, State, is_marked, read_receipt

CASES = [
    pytest.param(case, id=f"{file.stem}: {case['form']}")
    for file in sorted(Path(__file__).with_name("receipts").glob("*.json"))
    for case in json.loads(file.read_text())
]


def received(case: dict[str, Any]) -> Pdu:
    """The PDU of a case, over the wire and back."""
    text = case.get("text", "")
    data = (
        bytes.fromhex(case["hex"]) if "hex" in case else text.encode(case.get("alphabet", "ascii"))
    )
    tlvs = [
        tlv.Tlv(tlv.TAGS.get(name) or int(name, 16), bytes.fromhex(value))
        for name, value in case.get("tlvs", {}).items()
    ]
    fields: dict[str, Any] = {
        "source_addr": "33612345678",
        "destination_addr": "ACME",
        "esm_class": case.get("esm_class", 4),
        "data_coding": case.get("data_coding", 0),
    }
    if case.get("in") == "message_payload":
        tlvs.append(tlv.Tlv(tlv.MESSAGE_PAYLOAD, data))
        data = bytes.fromhex(case.get("beside", ""))
    if data:
        fields["short_message"] = data
    return pdu.read(pdu.write(case.get("command", "deliver_sm"), sequence=1, tlvs=tlvs, **fields))


@pytest.mark.parametrize("case", CASES)
def test_a_receipt_is_read_whatever_its_form(case: dict[str, Any]) -> None:
    read = read_receipt(received(case))

    said = case["receipt"]
    if said is None:
        assert read is None
        return
    marked = case.get("marked", True)
    assert read == Receipt(
        ids=tuple(said["ids"]),
        state=State(said["state"]),
        word=said["word"],
        error=said["error"],
        source="33612345678",
        destination="ACME",
        marked=marked,
    )


@pytest.mark.parametrize("case", CASES)
def test_a_receipt_is_told_from_a_text_even_where_its_form_is_not_known(
    case: dict[str, Any],
) -> None:
    is_named = bytes.fromhex(case.get("tlvs", {}).get("receipted_message_id", "")).strip(b"\0")
    from_a_person = case.get("esm_class", 4) in (0, 0x10) and not is_named

    assert is_marked(received(case)) is not from_a_person


def test_the_corpus_is_a_large_one() -> None:
    assert len(CASES) >= 60
