"""d05 to d16: what receipts look like, and whose they are."""

from __future__ import annotations

from tests.e2e.dialects.scenarios import PARTS, SOON, T0, Scenario, ids
from tests.fixtures.raw_smsc import (
    MESSAGE_ID,
    Pdu,
    data_sm,
    deliver_sm,
    receipt,
    submit_sm_resp,
    tlv,
)

ID, STATE, PAYLOAD, NETWORK_ERROR = 0x001E, 0x0427, 0x0424, 0x0423
LONG = "x" * 400  # three parts
TWO = "x" * 200


def by_tlvs(state: int, *more: bytes, text: str = "", message_id: str = MESSAGE_ID) -> Pdu:
    tlvs = [tlv(ID, message_id.encode() + b"\0"), tlv(STATE, bytes([state])), *more]
    return deliver_sm(text, tlvs=tlvs)


# d05: TLVs and no text. States of SMPP 3.4 §5.2.28 and SMPP 5.0 §4.7.15.
TLVS = [
    *(
        Scenario(f"d05-state-{state}-then-delivered", (by_tlvs(state), SOON, T0))
        for state in (0, 1, 6)
    ),
    *(
        Scenario(f"d05-state-{state}", (by_tlvs(state),), ends=ends)
        for state, ends in (
            (2, "delivered"),
            (3, "expired"),
            (4, "undelivered"),
            (5, "undelivered"),
            (8, "undelivered"),
            (9, "undelivered"),
            (7, "sent"),
            (0, "sent"),
            (1, "sent"),
        )
    ),
    Scenario("d05-state-1-and-its-text", (by_tlvs(1, text=receipt("ENROUTE")), SOON, T0)),
    Scenario("d05-intermediate-notification", (
        deliver_sm(receipt("ENROUTE"), esm_class=0x20), SOON, T0)),
]  # fmt: skip

# d06, d07: the word, by its beginning, in any case.
WORDS = {
    "delivered": ("DELIVRD", "DELIVERED", "Delivrd", "delivered", "DELIVRD_ACK"),
    "undelivered": (
        "UNDELIV", "UNDELIVERABLE", "Undelivered", "REJECTD", "REJECTED", "rejected", "FAILED",
        "Failed", "DELETED", "SKIPPED",
    ),
    "expired": ("EXPIRED", "Expired"),
    "sent": ("UNKNOWN", "Unknown"),
}  # fmt: skip
INTERIM = (
    "ENROUTE", "ACCEPTD", "ACCEPTED", "Accepted", "BUFFRED", "BUFFERED", "SCHEDULED", "ACKED",
    "SENT", "UNKNOWN",
)  # fmt: skip

STATES = [
    *(
        Scenario(
            f"d06-stat-{word}",
            (deliver_sm(receipt(word, err="002")),),
            ends=ends,
            says=(word, "002") if ends in ("undelivered", "expired") else (),
        )
        for ends, words in WORDS.items()
        for word in words
    ),
    *(
        Scenario(f"d06-stat-{word}-then-delivered", (deliver_sm(receipt(word)), SOON, T0))
        for word in INTERIM
    ),
    Scenario("d06-stat-SENT-alone", (deliver_sm(receipt("SENT")),), ends="sent"),
]

# d08: the text of the receipt elsewhere.
PLACES = [
    Scenario("d08-message_payload", (deliver_sm(tlvs=[tlv(PAYLOAD, receipt().encode())]),)),
    Scenario(
        "d08-message_payload-undelivered",
        (deliver_sm(tlvs=[tlv(PAYLOAD, receipt("UNDELIV", err="021").encode())]),),
        ends="undelivered",
        says=("UNDELIV", "021"),
    ),
    Scenario(
        "d08-message_payload-utf16",
        (deliver_sm(tlvs=[tlv(PAYLOAD, receipt().encode("utf-16-be"))], data_coding=8),),
    ),
    Scenario("d08-data_sm", (data_sm(tlv(PAYLOAD, receipt().encode())),)),
    Scenario("d08-data_sm-by-tlvs", (data_sm(tlv(ID, b"A1B2C3\0"), tlv(STATE, b"\2")),)),
    Scenario("d08-without-a-mark", (deliver_sm(receipt(), esm_class=0),)),
    Scenario("d08-other-bits-of-esm_class", (deliver_sm(receipt(), esm_class=0x07),)),
]

# d09: codings.
CODINGS = [
    Scenario("d09-utf16", (deliver_sm(receipt().encode("utf-16-be"), data_coding=8),)),
    Scenario(
        "d09-utf16-with-a-bom",
        (deliver_sm(b"\xfe\xff" + receipt().encode("utf-16-be"), data_coding=8),),
    ),
    *(
        Scenario(f"d09-ascii-under-{coding}", (deliver_sm(receipt(), data_coding=coding),))
        for coding in (1, 3, 4, 8, 0xF1, 0xF5)
    ),
    Scenario("d09-ends-with-a-nul", (deliver_sm(receipt() + "\0"),)),
]

# d10: the error as the carrier wrote it.
ERRORS = [
    *(
        Scenario(
            f"d10-err-{error}",
            (deliver_sm(receipt("UNDELIV", err=error)),),
            ends="undelivered",
            says=(error,),
        )
        for error in ("0047", "1024", "0x45", "-1", "21", "E11A", "000")
    ),
    Scenario(
        "d10-network-error-alone",
        (by_tlvs(5, tlv(NETWORK_ERROR, bytes.fromhex("030802"))),),
        ends="undelivered",
        says=("030802",),
    ),
]

# d11: ids in other spellings.
IDS = [
    Scenario(f"d11-{answered}-{told}", (deliver_sm(receipt(id=told)),),
             (submit_sm_resp(answered),))
    for answered, told in (
        ("42", "0000000042"),
        ("0000000042", "42"),
        ("ab12cd", "AB12CD"),
        ("AB12CD", "ab12cd"),
        ("000ab12cd", "AB12CD"),
        ("2f6a1c1e-7d5a-4f52-9c5e-0d5d6e8c1b2a", "2F6A1C1E-7D5A-4F52-9C5E-0D5D6E8C1B2A"),
        ("10.20.30", "10.20.30"),
        ("id/7=x+y", "id/7=x+y"),
    )
] + [
    Scenario("d11-decimal-in-the-receipt", (deliver_sm(receipt(id="10597059")),),
             credential={"message_id_format": "receipt_decimal"}),
    Scenario("d11-decimal-with-zeros", (deliver_sm(receipt(id="0010597059")),),
             credential={"message_id_format": "receipt_decimal"}),
    Scenario("d11-hex-in-the-receipt", (deliver_sm(receipt(id="A1B2C3")),),
             (submit_sm_resp("10597059"),), credential={"message_id_format": "receipt_hex"}),
    Scenario("d11-hex-in-lower-case", (deliver_sm(receipt(id="00a1b2c3")),),
             (submit_sm_resp("10597059"),), credential={"message_id_format": "receipt_hex"}),
]  # fmt: skip

# d12: the text in other forms.
FORMS = [
    Scenario(f"d12-{name}", (deliver_sm(text),))
    for name, text in {
        "blanks": "id: A1B2C3 stat: DELIVRD err: 0",
        "more-blanks": "id:  A1B2C3   sub:001  stat:   DELIVRD",
        "upper-case": "ID:A1B2C3 SUB:001 DLVRD:001 STAT:DELIVRD ERR:000 TEXT:",
        "mixed-case": "Id:A1B2C3 Stat:DELIVRD Err:000",
        "id-and-stat-alone": "id:A1B2C3 stat:DELIVRD",
        "other-order": "stat:DELIVRD err:000 id:A1B2C3 done date:2601010102",
        "seconds-in-dates": receipt().replace("2601010101", "260101010159"),
        "other-text-field": receipt().replace("text:hi", "Text:id:ZZZ stat:UNDELIV"),
        "no-text": receipt().removesuffix(" text:hi"),
        "date-with-underscore": receipt().replace("submit date", "submit_date"),
    }.items()
]

# d13: nobody knows this form.
UNKNOWN_TEXT = "00,2601010102,2601010100,,33612345678,ACME,A1B2C3"
UNKNOWN = [
    Scenario(f"d13-{name}", (deliver_sm(text),), ends="sent", says=("form is not known", text[:20]))
    for name, text in {
        "commas": UNKNOWN_TEXT,
        "xml": '<report message="A1B2C3" end="ok"/>',
        "words": "Message A1B2C3 was delivered",
    }.items()
]

# d14, d15: parts.
OF_PARTS = [
    Scenario(
        "d15-all-parts",
        tuple(deliver_sm(receipt(id=each)) for each in ("A1B2C3", "A1B2C4", "A1B2C5")),
        PARTS,
        body=LONG,
        parts=3,
    ),
    *(
        Scenario(
            f"d15-bad-part-{bad + 1}",
            tuple(
                deliver_sm(receipt("UNDELIV", id=each, err="021"))
                if place == bad
                else deliver_sm(receipt(id=each))
                for place, each in enumerate(("A1B2C3", "A1B2C4", "A1B2C5"))
            ),
            PARTS,
            ends="undelivered",
            says=("UNDELIV", "021"),
            body=LONG,
            parts=3,
        )
        for bad in range(3)
    ),
    Scenario(
        "d15-worst-last-in-time",
        (
            deliver_sm(receipt(id="A1B2C5")),
            deliver_sm(receipt(id="A1B2C4")),
            deliver_sm(receipt("EXPIRED", id="A1B2C3", err="013")),
        ),
        PARTS,
        ends="expired",
        says=("EXPIRED", "013"),
        body=LONG,
        parts=3,
    ),
]
ONE_PART_ONLY = [
    Scenario(f"d14-part-{part}-only", (deliver_sm(receipt(id=told)),), ids("A1B2C3", "A1B2C4"),
             body=TWO, parts=2, direct="delivered")
    for part, told in ((1, "A1B2C3"), (2, "A1B2C4"))
]  # fmt: skip

# d16: an inbound text that looks like a receipt.
FORGED = receipt("UNDELIV", err="099")
STRANGER = "33700000009"
FORGERIES = [
    Scenario(
        f"d16-{name}",
        (deliver_sm(FORGED, source=STRANGER, destination=to, esm_class=esm), SOON, T0),
    )
    for name, to, esm in (
        ("text-to-the-sender", "ACME", 0x00),
        ("text-to-a-number-of-ours", "33712345678", 0x00),
        ("text-with-a-header-mark", "ACME", 0x03),
        ("receipt-about-another-number", "ACME", 0x04),
    )
]

RECEIPTS = [
    *TLVS, *STATES, *PLACES, *CODINGS, *ERRORS, *IDS, *FORMS, *UNKNOWN, *OF_PARTS, *FORGERIES,
]  # fmt: skip
