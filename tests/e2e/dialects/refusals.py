"""d17 to d19: answers that refuse, and octets of texts."""

from __future__ import annotations

from tests.e2e.dialects.scenarios import Scenario
from tests.fixtures.raw_smsc import Pdu, generic_nack, submit_sm_resp

# d17: numbers that SMPP has no name for, and final ones that it has.
FINAL = [
    Scenario(
        f"d17-{name}", (), (submit_sm_resp(status=status),), ends="failed", code=name, says=(name,)
    )
    for status, name in (
        (0x0A, "ESME_RINVSRCADR"),
        (0x0B, "ESME_RINVDSTADR"),
        (0x45, "ESME_RSUBMITFAIL"),
        (0x0094, "ESME_0x00000094"),
        (0x0400, "ESME_0x00000400"),
        (0x0401, "ESME_0x00000401"),
        (0x04FF, "ESME_0x000004FF"),
        (0x0500, "ESME_0x00000500"),
        (0xFFFFFFFF, "ESME_0xFFFFFFFF"),
    )
] + [
    Scenario("d17-refusal-with-a-body", (), (Pdu(0, b"A1B2C3\0", status=0x0401),),
             ends="failed", code="ESME_0x00000401"),
    Scenario("d17-refusal-without-a-nul", (), (Pdu(0, b"no", status=0x0B),),
             ends="failed", code="ESME_RINVDSTADR"),
]  # fmt: skip

# d18: twice not now, then taken. A test send asks once, and says what it was told.
TEMPORARY = [
    Scenario(
        f"d18-{refusal}-twice",
        answers=(answer, answer, submit_sm_resp()),
        submits=3,
        direct="failed",
        code=refusal.removeprefix("nack-"),
    )
    for answer, refusal in (
        (submit_sm_resp(status=0x08), "ESME_RSYSERR"),
        (submit_sm_resp(status=0x14), "ESME_RMSGQFUL"),
        (submit_sm_resp(status=0x58), "ESME_RTHROTTLED"),
        (submit_sm_resp(status=0x64), "ESME_RX_T_APPN"),
        (generic_nack(status=0x08), "nack-ESME_RSYSERR"),
    )
]

# d19: what leaves under data_coding 3 and 1: (mark, text, octets of all submits).
LATIN, UCS2 = "latin-1", "utf-16-be"
OCTETS = [
    (3, "a@b.fr à", [(3, "a@b.fr à".encode(LATIN))]),
    (3, "a@b.fr 5€ à", [(8, "a@b.fr 5€ à".encode(UCS2))]),
    (3, "[x] {y} ~", [(3, b"[x] {y} ~")]),
    (3, "$_£", [(3, "$_£".encode(LATIN))]),
    (1, "a@b.fr", [(1, b"a@b.fr")]),
    (1, "déjà", [(8, "déjà".encode(UCS2))]),
    (0, "a@b.fr 5€", [(0, b"a\x00b.fr 5\x1be")]),
]

REFUSALS = [*FINAL, *TEMPORARY]
