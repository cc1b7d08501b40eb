"""A test send by a pair: one bind sends, the other gets the receipt."""

from __future__ import annotations

from messaging.smpp.blocking_session import Account
from messaging.smpp.probe import Outcome
from tests.messaging.smpp.probing import SECRET, send, target


def pair(port: int):
    accounts = {
        bind_type: Account(system_id="acme", password=SECRET, bind_type=bind_type)
        for bind_type in ("transmitter", "receiver")
    }
    to = target(port, account={"bind_type": "transmitter"}, receiver=accounts["receiver"])
    assert to.account == accounts["transmitter"]
    return to


def test_the_receipt_comes_by_the_receiver(smsc, system, report):
    assert send(pair(smsc.port), report) == Outcome("delivered")

    assert report.names == [
        "resolve", "connect", "bind", "connect", "bind", "submit", "receipt", "unbind", "unbind",
    ]  # fmt: skip
    binds = [step.detail for step in report.steps if step.step == "bind"]
    assert binds == ["receiver as acme", "transmitter as acme"]
    assert system.receipts["acknowledged"] == 1
    smsc.wait_for(lambda: system.live_binds == 0)


def test_a_transmitter_that_is_refused_leaves_no_receiver(smsc, system, report):
    system.faults = ["already-bound:1"]

    outcome = send(pair(smsc.port), report)

    assert (outcome.state, outcome.failure.cause) == ("failed", "already_bound")
    assert report.names == ["resolve", "connect", "bind", "connect", "bind!", "unbind"]
    smsc.wait_for(lambda: system.live_binds == 0)
