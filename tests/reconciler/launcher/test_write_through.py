"""A process that dies with its "Success" still on the wire."""

from __future__ import annotations

from pathlib import Path

import pytest

from messaging.smpp.simulator import SimulatorThread
from orbit.stack.processes import poll
from tests.reconciler.launcher.desk import Desk

pytestmark = pytest.mark.stack

# Python imports a module of this name before all else.
LAST_WORD = """
import os
from twisted.internet import tcp

write = tcp.Connection.writeSomeData

def write_and_die(self, data):
    written = write(self, data)
    if b'Success "' in bytes(data):
        os.kill(os.getpid(), 9)
    return written

tcp.Connection.writeSomeData = write_and_die
"""


@pytest.fixture
def mortal(bare, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(LAST_WORD)
    bare.settings = {"PYTHONPATH": str(tmp_path)}


def die_with_a_promise(desk: Desk, smsc: SimulatorThread) -> str:
    """The message that was promised; "the end" follows it."""
    cid = desk.open(smsc)
    promised = desk.send(cid, "promised", dlr_level=1)
    assert poll(lambda: not desk.jasmin.is_running(), timeout=10)
    del desk.jasmin.settings["PYTHONPATH"]
    desk.jasmin.start()
    desk.wait_until_bound(cid)
    desk.send(cid, "the end")
    smsc.wait_for(lambda: "the end" in [each.text for each in smsc.system("acme").submits])
    return promised


def test_stock_promises_what_it_has_given_to_nobody(mortal, stock, carrier) -> None:
    smsc = carrier()
    die_with_a_promise(stock, smsc)

    assert [each.text for each in smsc.system("acme").submits] == ["the end"]


def test_what_was_promised_is_sent_and_reported(mortal, launched, carrier) -> None:
    smsc = carrier()
    promised = die_with_a_promise(launched, smsc)

    assert [each.text for each in smsc.system("acme").submits] == ["promised", "the end"]
    launched.wait(lambda: launched.reported(promised) == ["ESME_ROK"])
