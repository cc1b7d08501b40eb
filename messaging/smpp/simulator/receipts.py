"""Delivery receipts: what they say (Appendix B), which bind gets them, what if it does not want.

A receipt stays with the carrier until a bind that may receive has acknowledged it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from messaging.smpp.protocol.status import by_name
from messaging.smpp.simulator.faults import RECEIPT_STATES
from messaging.smpp.simulator.submits import Submit
from messaging.smpp.simulator.systems import System

if TYPE_CHECKING:
    from messaging.smpp.simulator.session import Session

RECEIPT_ESM_CLASS = 0x04  # §5.2.12: SMSC delivery receipt
POSTPONED_SECONDS = 1.0  # after "not now" from the only bind there is
UNANSWERED_SECONDS = 30.0  # without a deliver_sm_resp the receipt counts as not taken

_FOR_GOOD = {by_name("ESME_RX_P_APPN").value, by_name("ESME_RX_R_APPN").value}


@dataclass
class Receipt:
    """A receipt on its way. `refused_by` is the session that said "not now" last."""

    submit: Submit
    state: str
    done: datetime
    refused_by: int | None = None

    def fields(self) -> dict[str, Any]:
        """Of the deliver_sm: the addresses change places, ids are in their receipt form."""
        submit = self.submit
        return {
            "source_addr_ton": submit.dest_addr_ton,
            "source_addr_npi": submit.dest_addr_npi,
            "source_addr": submit.destination_addr,
            "dest_addr_ton": submit.source_addr_ton,
            "dest_addr_npi": submit.source_addr_npi,
            "destination_addr": submit.source_addr,
            "esm_class": RECEIPT_ESM_CLASS,
            "short_message": receipt_text(self),
            "message_state": RECEIPT_STATES[self.state],
            "receipted_message_id": submit.receipt_id,
        }


def receipt_text(receipt: Receipt) -> bytes:
    """`id:… sub:001 dlvrd:001 submit date:YYMMDDhhmm done date:… stat:DELIVRD err:000 text:…`"""
    submit = receipt.submit
    delivered = receipt.state == "DELIVRD"
    # The first 20 characters, and nothing that could be read as a field of another receipt.
    text = "".join(c if c.isascii() and c.isprintable() else "." for c in submit.text[:20])
    return (
        f"id:{submit.receipt_id} sub:001 dlvrd:{'001' if delivered else '000'} "
        f"submit date:{submit.at:%y%m%d%H%M} done date:{receipt.done:%y%m%d%H%M} "
        f"stat:{receipt.state} err:{'000' if delivered else '001'} text:{text}"
    ).encode("ascii")


def wanted(submit: Submit, state: str) -> bool:
    """Whether registered_delivery asks for a receipt about `state` (§5.2.17, bits 1 and 0)."""
    asked = submit.registered_delivery & 0x03
    return asked == 1 or (asked == 2 and state != "DELIVRD") or (asked == 3 and state == "DELIVRD")


def post(system: System, receipt: Receipt) -> None:
    """Send to a bind of the system that may receive, or keep until there is one."""
    session = _choose(system, receipt)
    if session is None:
        system.waiting.append(receipt)
        return
    system.receipts["sent"] += 1
    session.deliver(receipt)


def post_waiting(system: System, *, insist: bool = False) -> None:
    """Try everything that waits, oldest first; with `insist`, also those who said "not now"."""
    waiting = list(system.waiting)
    system.waiting.clear()
    for receipt in waiting:
        if insist:
            receipt.refused_by = None
        post(system, receipt)


def answered(system: System, receipt: Receipt, session: Session, status: int) -> None:
    """A deliver_sm_resp came for `receipt`."""
    if status == 0:
        system.receipts["acknowledged"] += 1
    elif status in _FOR_GOOD:
        system.receipts["rejected"] += 1
    else:
        system.receipts["postponed"] += 1
        receipt.refused_by = session.number
        if _choose(system, receipt) is not None:
            post(system, receipt)
        else:
            system.waiting.append(receipt)
            retry = partial(post_waiting, system, insist=True)
            asyncio.get_running_loop().call_later(POSTPONED_SECONDS, retry)


def _choose(system: System, receipt: Receipt) -> Session | None:
    """The bind that sent the message if it may receive, else the others in turn."""
    able = [s for s in system.sessions if s.can_receive and s.number != receipt.refused_by]
    for session in able:
        if session.number == receipt.submit.session:
            return session
    if not able:
        return None
    return min(able, key=lambda session: session.delivered)


def now() -> datetime:
    return datetime.now().astimezone()


def schedule(system: System, submit: Submit) -> None:
    """Post the receipt of `submit`, when and as the system's faults say."""
    script = system.script
    state = script.strikes("receipt", "submit")
    name = state.value if state else "DELIVRD"
    if script.strikes("no-receipt", "submit") or not wanted(submit, name):
        return
    copies = 2 if script.strikes("double-receipt", "submit") else 1
    late = script.strikes("late-receipt", "submit")

    def send() -> None:
        for _ in range(copies):
            post(system, Receipt(submit, name, now()))

    if late:
        # A timer of the carrier, not of the connection: the sender may have gone meanwhile.
        asyncio.get_running_loop().call_later(late.seconds, send)
    else:
        send()
