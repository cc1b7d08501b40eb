"""The content of a report: a deliver_sm for SMPP clients, the form of Jasmin's DLR for URLs."""

from __future__ import annotations

import time
from typing import Any

from messaging.smpp.protocol.command_status import describe
from messaging.smpp.protocol.receipt import State
from messaging.smpp.protocol.tlv import MESSAGE_STATE, RECEIPTED_MESSAGE_ID
from reconciler.launcher.lane.submit import Outcome, Submit

# `stat` of SMPP 3.4 Appendix B, and message_state (§5.2.28).
STATES = {
    State.DELIVERED: ("DELIVRD", 2),
    State.EXPIRED: ("EXPIRED", 3),
    State.UNDELIVERED: ("UNDELIV", 5),
    State.UNKNOWN: ("UNKNOWN", 7),
    State.INTERIM: ("ENROUTE", 1),
}
ESM_RECEIPT = 0x04  # esm_class, §5.2.12
RECEIPT_REQUESTED = 0x03  # registered_delivery: any receipt, §5.2.17
ANSWER_LEVELS, RECEIPT_LEVELS = (1, 3), (2, 3)  # values of dlr-level
DATE_FORMAT = "%y%m%d%H%M"


def target_of(submit: Submit) -> str:
    """Where the message's reports go: a system_id, a URL, or "" where none are wanted."""
    if submit.origin == "access":
        return str(submit.extra["_system_id"])
    report = submit.extra.get("_report")
    return str(report["url"]) if report else ""


def is_url(target: str) -> bool:
    return target.startswith(("http://", "https://"))


def wants_answer(submit: Submit) -> bool:
    """Whether the carrier's answer is reported: dlr-level 1 or 3 of `/send`."""
    report = submit.extra.get("_report")
    return bool(report) and report["level"] in ANSWER_LEVELS


def wants_receipt(submit: Submit) -> bool:
    """Whether receipts are reported: asked for in registered_delivery, or dlr-level 2 or 3."""
    if submit.origin == "access":
        return bool(submit.extra["registered_delivery"] & RECEIPT_REQUESTED)
    return submit.extra["_report"]["level"] in RECEIPT_LEVELS


def summary(submit: Submit) -> dict[str, Any]:
    """What the message's reports will need of it, as JSON values."""
    of = submit.extra
    said: dict[str, Any] = {"from": submit.source, "to": submit.destination, "at": time.time()}
    if submit.origin != "access":
        return {**said, "receipts": 1, **of["_report"]}
    return {
        **said,
        "receipts": of["registered_delivery"],
        "from_ton": of["source_addr_ton"],
        "from_npi": of["source_addr_npi"],
        "to_ton": of["dest_addr_ton"],
        "to_npi": of["dest_addr_npi"],
    }


def receipt(
    token: str, target: str, submit: dict[str, Any], state: State, error: str, carrier_id: str
) -> dict[str, Any]:
    """A receipt, for `thrower`: fields and TLVs of a deliver_sm, or a form and its HTTP method.

    `submit` is what `summary` made.
    """
    word, number = STATES[state]
    error = error or "000"
    dates = submit["at"], time.time()
    begun, done = (time.strftime(DATE_FORMAT, time.gmtime(at)) for at in dates)
    delivered = f"{int(state is State.DELIVERED):03d}"
    if is_url(target):
        form = {"id": token, "level": 2, "message_status": word, "connector": submit["connector"]}
        form |= {"id_smsc": carrier_id, "sub": "001", "dlvrd": delivered, "err": error, "text": ""}
        form |= {"subdate": begun, "donedate": done}
        return {"method": submit["method"], "form": form}
    text = (
        f"id:{token} sub:001 dlvrd:{delivered} submit date:{begun} done date:{done}"
        f" stat:{word} err:{error} text:"
    )
    return {
        "fields": {
            "source_addr_ton": submit["to_ton"],
            "source_addr_npi": submit["to_npi"],
            "source_addr": submit["to"],
            "dest_addr_ton": submit["from_ton"],
            "dest_addr_npi": submit["from_npi"],
            "destination_addr": submit["from"],
            "esm_class": ESM_RECEIPT,
            "short_message": text,
        },
        "tlvs": [[RECEIPTED_MESSAGE_ID, f"{token}\0"], [MESSAGE_STATE, chr(number)]],
    }


def answer(submit: Submit, end: Outcome) -> dict[str, Any]:
    """The carrier's answer to a message of plain `/send` (dlr-level 1)."""
    report = submit.extra["_report"]
    status = "ESME_NO_ANSWER" if end.part is not None else "ESME_NOT_SENT"
    if end.status is not None:
        status = describe(end.status).name
    form = {"id": submit.token, "level": 1, "message_status": status}
    form |= {"connector": report["connector"], "id_smsc": end.carrier_id}
    return {"method": report["method"], "form": form}
