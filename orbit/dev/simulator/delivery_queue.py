"""Who gets receipts and inbound texts, when, and what if nobody wants them.

They stay with the carrier until a bind that may receive has acknowledged them.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from messaging.smpp.protocol.command_status import by_name
from messaging.smpp.protocol.pdu import Pdu
from orbit.dev.simulator.deliveries import Delivery, Receipt, Text
from orbit.dev.simulator.receipt_formats import Form, form_of, swapped, with_word
from orbit.dev.simulator.submits import Submit, user_data
from orbit.dev.simulator.systems import System
from orbit.dev.simulator.timers import Later

if TYPE_CHECKING:
    from orbit.dev.simulator.session import Session

POSTPONED_SECONDS = 1.0  # after "not now" from the only bind there is
UNANSWERED_SECONDS = 30.0  # without a deliver_sm_resp the receipt counts as not taken

_FOR_GOOD = {by_name("ESME_RX_P_APPN").value, by_name("ESME_RX_R_APPN").value}
_STRANGER = b"33700000009"
_OF_A_BAD_PART = ("UNDELIV", "021")


def wanted(registered_delivery: int, state: str) -> bool:
    """Whether registered_delivery asks for a receipt about `state` (§5.2.17, bits 1 and 0)."""
    asked = registered_delivery & 0x03
    return asked == 1 or (asked == 2 and state != "DELIVRD") or (asked == 3 and state == "DELIVRD")


def post(system: System, delivery: Delivery) -> None:
    """Send to a bind of the system that may receive, or keep until there is one."""
    session = _choose(system, delivery)
    if session is None:
        system.waiting.append(delivery)
        return
    delivery.counts(system)["sent"] += 1
    session.deliver(delivery)


def post_waiting(system: System, *, insist: bool = False) -> None:
    """Try everything that waits, oldest first; with `insist`, also those who said "not now"."""
    waiting = list(system.waiting)
    system.waiting.clear()
    for delivery in waiting:
        if insist:
            delivery.refused_by = None
        post(system, delivery)


def answered(system: System, delivery: Delivery, session: Session, status: int) -> None:
    """The answer to `delivery` came."""
    counts = delivery.counts(system)
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
    """Soon, once for all that waits."""
    if system.retries:
        return
    system.retries = True

    def retry() -> None:
        system.retries = False
        post_waiting(system, insist=True)

    asyncio.get_running_loop().call_later(POSTPONED_SECONDS, retry)


def _choose(system: System, delivery: Delivery) -> Session | None:
    """The bind that sent the message if it may receive, else the others in turn."""
    able = [s for s in system.sessions if s.can_receive and s.number != delivery.refused_by]
    for session in able:
        if session.number == delivery.session:
            return session
    if not able:
        return None
    return min(able, key=lambda session: session.delivered)


def schedule(system: System, submit: Submit, pdu: Pdu, later: Later) -> None:
    """Post what comes after `submit`, when and as the system's faults say."""
    if not system.script.faults:
        if wanted(pdu.number("registered_delivery"), "DELIVRD"):
            post(system, Receipt(submit, pdu, "DELIVRD", time.time()))
        return
    _schedule_with_faults(system, submit, pdu, later)


def _schedule_with_faults(system: System, submit: Submit, pdu: Pdu, later: Later) -> None:
    strikes = partial(system.script.strikes, on="submit")
    if strikes("reply"):
        post(system, _reply(pdu, submit.session))
    scripted = strikes("receipt")
    state, form = _of_part(system, pdu, scripted.value if scripted else "DELIVRD")
    if strikes("no-receipt") or not wanted(pdu.number("registered_delivery"), state):
        return
    if strikes("first-part-only") and _part(pdu) > 1:
        return
    if strikes("forged-receipt"):
        post(system, _forged(pdu, submit))
    if interim := strikes("interim"):
        form_of_it = with_word(form, interim.value)
        post(system, Receipt(submit, pdu, "DELIVRD", time.time(), form_of_it))
    copies = 2 if strikes("double-receipt") else 1
    late = strikes("late-receipt")

    def send() -> None:
        for _ in range(copies):
            post(system, Receipt(submit, pdu, state, time.time(), form))

    if late:
        # A timer of the carrier, not of the connection: the sender may have gone meanwhile.
        later.run(late.seconds, send)
    else:
        send()


def _of_part(system: System, pdu: Pdu, state: str) -> tuple[str, Form]:
    """State and form of this part's receipt."""
    form = form_of(system.script)
    if system.script.strikes("bad-first-part", "submit") and _part(pdu) == 1:
        state, error = _OF_A_BAD_PART
        return state, replace(form, error=error)
    return state, form


def _part(pdu: Pdu) -> int:
    """1 for the first of several; 0 for a message that stands alone."""
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
