"""What real carriers do, as data: the base case, and how a dialect differs from it.

Base case: one message on a transceiver bind; the carrier answers ROK with the id A1B2C3 and sends
the receipt T0 (`receipt()`). test_direct.py plays each scenario against `POST …/test` by a bind of
its own, test_gateway.py against `POST /v1/messages/sms` through a launched gateway.

For all of them: a PDU that is well framed is answered under its own sequence number, and costs no
bind. Each dialect stands for its kind, so there are several members of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fixtures.raw_smsc import MESSAGE_ID, RawSmsc, deliver_sm, receipt, submit_sm_resp
from tests.fixtures.raw_smsc.session import Step

SOON = 0.2  # seconds between an interim receipt and the last one
T0 = deliver_sm(receipt())

# What a test send says where the message of the same scenario ends so.
DIRECT = {
    "delivered": "delivered",
    "undelivered": "undelivered",
    "expired": "undelivered",
    "failed": "failed",
    "sent": "no_receipt",
}


@dataclass(frozen=True)
class Scenario:
    """`ends`: what the message becomes; `sent` is one that waits for a receipt to its time-out.

    `answers` are those to submits (the last for all others), `reports` what comes after the last
    part was answered; `code` is the status that the refusal has, `says` words that API, events and
    console show. `direct` None: no test send, since that asks once or has no such question.
    """

    name: str
    reports: tuple[Step, ...] = (T0,)
    answers: tuple[Step, ...] = (submit_sm_resp(),)
    binds: tuple[Step, ...] = ()
    ends: str = "delivered"
    code: str = ""
    says: tuple[str, ...] = ()
    body: str = "hi"
    parts: int = 1
    credential: Mapping[str, Any] = field(default_factory=dict)
    direct: str | None = ""
    submits: int = 0  # that the carrier sees, if more than the parts

    def __str__(self) -> str:
        return self.name

    @property
    def of_test_send(self) -> str:
        """What a test send says."""
        return self.direct or DIRECT[self.ends]

    def play(self, carrier: RawSmsc) -> None:
        """Tell the carrier its part."""
        if self.binds:
            carrier.answers_binds_with(*self.binds)
        carrier.answers_submits_with(*self.answers)
        carrier.reports(*self.reports, after=self.submits or self.parts)


def ids(*message_ids: str) -> tuple[Step, ...]:
    """Answers to the parts of one message."""
    return tuple(submit_sm_resp(each) for each in message_ids)


BASE = Scenario("base")
PARTS = ids(MESSAGE_ID, "A1B2C4", "A1B2C5")
