"""Receipts of submits as the system's faults say: none, late, twice, forged, of one part alone."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

from messaging.smpp.protocol.pdu import Pdu
from orbit.dev.simulator.deliveries import Receipt, Text
from orbit.dev.simulator.delivery_queue import post
from orbit.dev.simulator.receipt_formats import ReceiptFormat, next_format, swapped, with_word
from orbit.dev.simulator.submits import Submit, user_data
from orbit.dev.simulator.systems import System
from orbit.dev.simulator.timers import Timers

_STRANGER = b"33700000009"
_OF_A_BAD_PART = ("UNDELIV", "021")


def wanted(registered_delivery: int, state: str) -> bool:
    """Whether registered_delivery asks for a receipt about `state` (§5.2.17, bits 1 and 0)."""
    asked = registered_delivery & 0x03
    return asked == 1 or (asked == 2 and state != "DELIVRD") or (asked == 3 and state == "DELIVRD")


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
