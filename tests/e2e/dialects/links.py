"""d01, d02: what is well framed costs no bind, and a generic_nack is an answer."""

from __future__ import annotations

from tests.e2e.dialects.scenarios import SOON, T0, Scenario
from tests.fixtures.raw_smsc import (
    MESSAGE_ID,
    Pdu,
    bind_resp,
    deliver_sm,
    enquire_link,
    generic_nack,
    receipt,
    request,
    submit_sm_resp,
    tlv,
)

NACKS = [
    Scenario(f"d01-nack-{name}", (), (generic_nack(status),), ends="failed", code=name)
    for status, name in (
        (0x01, "ESME_RINVMSGLEN"),
        (0x02, "ESME_RINVCMDLEN"),
        (0x03, "ESME_RINVCMDID"),
        (0x0B, "ESME_RINVDSTADR"),
        (0xFF, "ESME_RUNKNOWNERR"),
        (0x0401, "ESME_0x00000401"),
    )
] + [
    # It says no, whatever else it says.
    Scenario("d01-nack-ESME_ROK", (), (generic_nack(0),), ends="failed"),
    Scenario(
        "d01-nack-with-a-body",
        (),
        (Pdu(0x80000000, b"\0\0", status=1),),
        ends="failed",
        code="ESME_RINVMSGLEN",
    ),
]

TRAILERS = {
    "a-nul": b"\0",
    "nuls": b"\0\0\0\0\0",
    "three-octets": b"\0\x1e\0",  # less than the head of a TLV
    "text": b"trailing words",
    "half-a-tlv": b"\x14\x00\x00\x10abc",  # says 16, has 3
    "tlv-of-a-vendor": tlv(0x1400, b"entity"),
    "tlv-twice": tlv(0x0427, b"\2") * 2,
    "tlv-without-value": tlv(0x0427, b""),
    "tlv-of-a-wrong-size": tlv(0x0427, b"\0\0\0\2"),
    "tlv-misplaced": tlv(0x000D, b"\1") + tlv(0x020C, b"\0\1"),  # submit's and bind's
    "tlv-then-a-nul": tlv(0x0427, b"\2") + b"\0",
    "tlv-with-an-id-without-end": tlv(0x001E, MESSAGE_ID.encode()),
}

TRAILING = [
    Scenario(f"d02-receipt-with-{name}", (deliver_sm(receipt(), behind=octets),))
    for name, octets in TRAILERS.items()
] + [
    Scenario(
        f"d02-answer-with-{name}",
        answers=(Pdu(0, MESSAGE_ID.encode() + b"\0" + octets),),
    )
    for name, octets in TRAILERS.items()
]

ODD_BINDS = {
    "without-a-body": bind_resp(body=b""),
    "without-a-nul": bind_resp(body=b"SMSC"),
    "with-a-nul-more": bind_resp(body=b"SMSC\0\0"),
    "of-smpp-5": bind_resp(body=b"SMSC\0" + tlv(0x0210, b"\x50")),
    "with-vendor-tlv": bind_resp(body=b"SMSC\0" + tlv(0x1501, b"x" * 40)),
    "with-long-id": bind_resp(body=b"a-name-longer-than-the-sixteen-octets\0"),
}

BIND_ANSWERS = [
    Scenario(f"d02-bind-answer-{name}", binds=(answer,)) for name, answer in ODD_BINDS.items()
]

# Before the true receipt comes something that has nothing to do with it.
BESIDE = [
    Scenario(f"d02-beside-{name}", (pdu, SOON, T0))
    for name, pdu in {
        "enquire-link": enquire_link(),
        "enquire-link-with-a-body": request("enquire_link", b"\0\0"),
        "alert": request("alert_notification", b"\1\x0133612345678\0\1\1ACME\0"),
        "unknown-command": request(0x00010123, b"anything"),
        "empty-deliver": deliver_sm(),
        "deliver-cut-short": request("deliver_sm", b"\0\1\x0133612"),
        "deliver-that-lies-about-sm_length": request(
            "deliver_sm", b"\0\1\x0133612345678\0\5\0ACME\0\4\0\0\0\0\0\0\0\0\xc8id:A1"
        ),
        "deliver-of-nobody": deliver_sm(receipt(id="0"), source="1", destination="2"),
        "answer-to-nothing": Pdu(0x80000004, b"ZZZ\0", sequence=4_000),
        "nack-of-nothing": generic_nack(3, sequence=0),
    }.items()
]

ANSWERS = [
    Scenario("d02-answer-with-64-octets", answers=(submit_sm_resp("9" * 64),),
             reports=(deliver_sm(receipt(id="9" * 64)),)),
    Scenario("d02-answer-with-blanks", answers=(submit_sm_resp(" A1B2C3 "),)),
]  # fmt: skip

LINKS = [*NACKS, *TRAILING, *BIND_ANSWERS, *BESIDE, *ANSWERS]
