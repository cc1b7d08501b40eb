"""What test sends are tried with."""

from __future__ import annotations

from typing import Any

from messaging.credentials.models import default_addressing
from messaging.net.host_policy import HostPolicy
from messaging.smpp.addressing import destination, source
from messaging.smpp.blocking_session import Account
from messaging.smpp.probe import Outcome, Step, Target, Timeouts, probe
from messaging.smpp.probe_message import Message
from messaging.smpp.protocol.segmentation import encode

SECRET = "s3cr3tpw"
POLICY = HostPolicy.build(allowed=["127.0.0.0/8"], own=[])
# Seconds: short is only what never comes in the test, else a busy machine fails it.
LONG = Timeouts(step=10, receipt=10)
NO_ANSWER = Timeouts(step=2, receipt=10)
NO_RECEIPT = Timeouts(step=10, receipt=0.3)


class Report:
    """Writes everything down."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.pdus: list[dict[str, Any]] = []
        self.message_id: str | None = None

    def step(self, step: Step) -> None:
        self.steps.append(step)

    def may_bind(self, peer: str) -> None:
        self.peer = peer

    def pdu(self, line: dict[str, Any]) -> None:
        self.pdus.append(line)

    def submitted(self, message_id: str) -> None:
        self.message_id = message_id

    @property
    def names(self) -> list[str]:
        return [f"{step.step}{'' if step.ok else '!'}" for step in self.steps]

    def detail(self, name: str) -> str:
        return next(step.detail for step in self.steps if step.step == name)


def message(text: str = "hello", sender: str = "ACME", **fields: Any) -> Message:
    addressing = default_addressing() | fields.pop("addressing", {})
    return Message(
        source=source(sender, addressing),
        destination=destination("+33612345678", addressing),
        text=encode(text, fields.pop("gsm_data_coding", 0)),
        **fields,
    )


def target(port: int, **fields: Any) -> Target:
    account = {"system_id": "acme", "password": SECRET} | fields.pop("account", {})
    return Target(
        **{"host": "127.0.0.1", "port": port, "tls": None, "account": Account(**account)} | fields
    )


def send(
    to: Target, report: Report, *, timeouts: Timeouts = LONG, sent: Message | None = None
) -> Outcome:
    return probe(to, sent or message(), policy=POLICY, timeouts=timeouts, observer=report)
