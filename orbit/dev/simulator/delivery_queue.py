"""The carrier's store and forward: which bind gets receipts and inbound texts, and when.

A delivery stays in the carrier's queue until a bind that may receive has acknowledged it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial

from messaging.smpp.protocol.command_status import by_name
from messaging.smpp.protocol.pdu import Pdu
from orbit.dev.simulator.deliveries import Delivery, Receipt, Text
from orbit.dev.simulator.receipt_formats import ReceiptFormat, next_format, swapped, with_word
from orbit.dev.simulator.submits import Submit, user_data
from orbit.dev.simulator.systems import Bind, System
from orbit.dev.simulator.timers import Timers

POSTPONED_SECONDS = 1.0  # until the next try after "not now" from the only bind there is
UNANSWERED_SECONDS = 30.0  # without a deliver_sm_resp, after which it counts as not taken

_FOR_GOOD = {by_name("ESME_RX_P_APPN").value, by_name("ESME_RX_R_APPN").value}
_STRANGER = b"33700000009"
_OF_A_BAD_PART = ("UNDELIV", "021")


def wanted(registered_delivery: int, state: str) -> bool:
    """Whether registered_delivery asks for a receipt about `state` (§5.2.17, bits 1 and 0)."""
    asked = registered_delivery & 0x03
    return asked == 1 or (asked == 2 and state != "DELIVRD") or (asked == 3 and state == "DELIVRD")


def post(system: System, delivery: Delivery) -> None:
    """Send it to a bind of the system that may receive, or queue it until there is one."""
    session = _choose(system, delivery)
    if session is None:
        system.waiting.append(delivery)
        return
    system.delivery_counts(delivery)["sent"] += 1
    session.deliver(delivery)


def post_waiting(system: System, *, insist: bool = False) -> None:
    """Send all that waits, oldest first; with `insist` also to binds that said "not now"."""
    waiting = list(system.waiting)
    system.waiting.clear()
    for delivery in waiting:
        if insist:
            delivery.refused_by = None
        post(system, delivery)


def answered(system: System, delivery: Delivery, session: Bind, status: int) -> None:
    """Count the answer to `delivery`; queue it again unless it was taken or refused for good."""
    counts = system.delivery_counts(delivery)
    if status == 0:
        counts["acknowledged"] += 1
    elif status in _FOR_GOOD:
        counts["rejected"] += 1
    else:
        counts["postponed"] += 1
        delivery.refused_by = session.number
        if _choose(system, delivery) is not None:
            post(system, delivery)
        else:
            system.waiting.append(delivery)
            _retry(system)


def _retry(system: System) -> None:
    """Plan one more try of all that waits, unless one is planned."""
    if system.retries:
        return
    system.retries = True

    def retry() -> None:
        system.retries = False
        post_waiting(system, insist=True)

    asyncio.get_running_loop().call_later(POSTPONED_SECONDS, retry)


def _choose(system: System, delivery: Delivery) -> Bind | None:
    """The bind that submitted the message if it may receive, else the others in turn."""
    able = [s for s in system.sessions if s.can_receive and s.number != delivery.refused_by]
    for session in able:
        if session.number == delivery.session:
            return session
    if not able:
        return None
    return min(able, key=lambda session: session.delivered)


def schedule(system: System, submit: Submit, pdu: Pdu, timers: Timers) -> None:
    """Post the receipt of `submit`, when and as the system's faults say."""
    if not system.script.faults:
        if wanted(pdu.number("registered_delivery"), "DELIVRD"):
            post(system, Receipt(submit, pdu, "DELIVRD", time.time()))
        return
    _schedule_with_faults(system, submit, pdu, timers)


def _schedule_with_faults(system: System, submit: Submit, pdu: Pdu, timers: Timers) -> None:
    strikes = partial(system.script.strikes, on="submit")
    if strikes("reply"):
        post(system, _reply(pdu, submit.session))
    scripted = strikes("receipt")
    state, receipt_format = _of_part(system, pdu, scripted.value if scripted else "DELIVRD")
    if strikes("no-receipt") or not wanted(pdu.number("registered_delivery"), state):
        return
    if strikes("first-part-only") and _part(pdu) > 1:
        return
    if strikes("forged-receipt"):
        post(system, _forged(pdu, submit))
    if interim := strikes("interim"):
        interim_format = with_word(receipt_format, interim.value)
        post(system, Receipt(submit, pdu, "DELIVRD", time.time(), interim_format))
    copies = 2 if strikes("double-receipt") else 1
    late = strikes("late-receipt")

    def send() -> None:
        for _ in range(copies):
            post(system, Receipt(submit, pdu, state, time.time(), receipt_format))

    if late:
        # A timer of the simulator, not of the connection: the sender may have gone meanwhile.
        timers.run(late.seconds, send)
    else:
        send()


def _of_part(system: System, pdu: Pdu, state: str) -> tuple[str, ReceiptFormat]:
    """State and format of the receipt of this part."""
    receipt_format = next_format(system.script)
    if system.script.strikes("bad-first-part", "submit") and _part(pdu) == 1:
        state, error = _OF_A_BAD_PART
        return state, replace(receipt_format, error=error)
    return state, receipt_format


def _part(pdu: Pdu) -> int:
    """The number of this part, from 1; 0 for a message in one part."""
    part = user_data(pdu).part
    return part[2] if part else 0


def _reply(pdu: Pdu, session: int) -> Text:
    text = {"short_message": pdu.fields["short_message"], "data_coding": pdu.number("data_coding")}
    return Text(swapped(pdu) | text | {"esm_class": pdu.number("esm_class") & 0x40}, session)


def _forged(pdu: Pdu, submit: Submit) -> Text:
    words = (
        f"id:{submit.receipt_id} sub:001 dlvrd:000 submit date:2601010101 "
        "done date:2601010102 stat:UNDELIV err:099 text:"
    )
    return Text(
        swapped(pdu) | {"source_addr": _STRANGER, "short_message": words.encode()}, submit.session
    )
