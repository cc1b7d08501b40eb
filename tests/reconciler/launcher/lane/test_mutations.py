"""Well framed PDUs with random content: each is answered, and the bind stays."""

from __future__ import annotations

import random

from tests.reconciler.launcher.lane.conftest import until
from tests.reconciler.launcher.lane.smsc import (
    DELIVER,
    ENQUIRE,
    NACK,
    RECEIPT,
    RESPONSE,
    SUBMIT,
    UNBIND,
    deliver,
    pdu,
)

COUNT = 3_000
DATA, ALERT, OUTBIND = 0x103, 0x102, 0x0B
UNANSWERED = (ALERT, OUTBIND)
TLVS = bytes.fromhex("001E000541314232430004270001020423000303082A14000003313200")

SAMPLES = [
    (DELIVER, deliver(RECEIPT % b"A1B2C3")),
    (DELIVER, deliver(b"", tail=TLVS)),
    (DELIVER, deliver(b"stop", esm_class=0)),
    (DATA, b"\0\1\x0133612345678\0\5\0ACME\0\4\0\0" + TLVS),
    (ENQUIRE, b""),
    (ALERT, b"\1\x0133612345678\0\5\0ACME\0"),
    (SUBMIT | RESPONSE, b"A1B2C3\0"),
    (NACK, b""),
]


def mutated(dice: random.Random, sequence: int) -> tuple[int, bytes]:
    """Command and PDU."""
    command, body = dice.choice(SAMPLES)
    octets = bytearray(body)
    for _ in range(dice.randrange(6)):
        at = dice.randrange(len(octets) + 1)
        match dice.randrange(4):
            case 0:
                octets[at:at] = dice.randbytes(dice.randrange(9))
            case 1:
                del octets[at : at + dice.randrange(9)]
            case _:
                octets[at : at + 1] = dice.randbytes(1)
    if dice.random() < 0.1:
        command = dice.randrange(2**32)
    if command in (UNBIND, UNBIND | RESPONSE):
        command = ENQUIRE
    return command, pdu(command, sequence, bytes(octets), status=dice.choice((0, 1, 0x401)))


def test_nothing_that_is_well_framed_costs_the_bind_or_goes_unanswered(lane, smsc) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    program = lane()
    link = smsc.links[0]
    wanted = {}
    for sequence in range(1_000, 1_000 + COUNT):
        command, raw = mutated(dice, sequence)
        link.send(raw)
        if not command & RESPONSE and command not in UNANSWERED:
            wanted[sequence] = command

    def answered() -> bool:
        found = {each[2]: each[0] for each in list(smsc.received) if each[2] >= 1_000}
        return wanted.keys() <= found.keys()

    until(answered, f"seed {seed}")
    answers = [each for each in smsc.received if each[2] >= 1_000]
    assert {each[2] for each in answers} == wanted.keys(), f"seed {seed}"
    assert len(answers) == len(wanted), f"seed {seed}"
    for command, _, sequence, _, _ in answers:
        assert command in (wanted[sequence] | RESPONSE, NACK), f"seed {seed}"
    assert len(smsc.links) == 1 and program.state()["state"] == "BOUND_TRX"

    program.submit(program.message("still here"))
    assert program.wait_for_records(1, "answer")
