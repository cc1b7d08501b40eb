"""A process that is killed while it writes its store, and a start on a damaged one."""

from __future__ import annotations

from pathlib import Path

import pytest

from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack.processes import poll
from tests.reconciler.launcher import jasmin_python
from tests.reconciler.launcher.jasmin_client import JasminClient

pytestmark = pytest.mark.stack

TABLES = ("router-groups", "router-users", "router-mtroutes", "smppccs", "filters")

PROGRAM = """
import logging, os, sys
from types import SimpleNamespace
{correct}
from jasmin.managers import clients

manager = clients.SMPPClientManagerPB.__new__(clients.SMPPClientManagerPB)
manager.config = SimpleNamespace(store_path=os.environ["STORE_PATH"])
manager.connectors, manager.pickleProtocol, manager.log = [], 2, logging.getLogger()
if sys.argv[1:] == ["die"]:
    clients.pickle = SimpleNamespace(dumps=lambda *_: os.kill(os.getpid(), 9))
assert manager.perspective_persist()
"""
CORRECT = "from reconciler.launcher.corrections import atomic_store; atomic_store.correct()"


def persist(store: Path, correct: str, *arguments: str) -> bytes:
    """What is in the file of connectors after it was written, or half so."""
    outcome = jasmin_python.run(PROGRAM.format(correct=correct), *arguments, STORE_PATH=str(store))
    assert outcome.returncode == (-9 if arguments else 0), outcome.stderr
    return (store / "jcli-prod.smppccs").read_bytes()


def test_stock_loses_what_it_had(tmp_path: Path) -> None:
    before = persist(tmp_path, "")

    assert persist(tmp_path, "", "die") != before


def test_what_was_there_stays_until_the_new_is_whole(tmp_path: Path) -> None:
    before = persist(tmp_path, CORRECT)

    assert before.startswith(b"Persisted on ")
    assert persist(tmp_path, CORRECT, "die") == before
    assert persist(tmp_path, CORRECT) != b""


def test_what_is_there_already_is_not_written_again(tmp_path: Path) -> None:
    program = (
        PROGRAM.format(correct=CORRECT)
        + """
from pathlib import Path

path = Path(os.environ["STORE_PATH"]) / "jcli-prod.smppccs"

def is_written():
    before = path.stat().st_ino if path.exists() else None
    assert manager.perspective_persist()
    return path.stat().st_ino != before

assert not is_written()
manager.connectors = [{"id": "a", "config": 1, "service": SimpleNamespace(running=1)}]
assert is_written() and not is_written()
path.unlink()
assert is_written()
"""
    )
    done = jasmin_python.run(program, STORE_PATH=str(tmp_path))

    assert done.returncode == 0, done.stderr


def damage(client: JasminClient, smsc: SimulatorThread) -> None:
    """Each table is cut in half, or empty."""
    client.open(smsc)
    client.jasmin.kill()
    for turn, name in enumerate(TABLES):
        file = Path(client.jasmin.store) / f"jcli-prod.{name}"
        raw = file.read_bytes()
        file.write_bytes(raw[: len(raw) // 2] if turn % 2 else b"")
    client.jasmin.start()


def waits_for_its_profile(client: JasminClient) -> bool:
    """Whether the session that loads the profile is still there: it is the first of all."""
    log = (Path(client.jasmin.logs) / "jcli.log").read_text()
    return "[sref:1] Session stopped" not in log.rpartition("[sref:1] New session")[2]


def test_stock_waits_for_ever_for_a_damaged_store(stock, carrier) -> None:
    damage(stock, carrier())

    assert not poll(lambda: not waits_for_its_profile(stock), timeout=3)


def test_a_damaged_store_is_put_aside_with_a_line_that_says_so(launched, carrier) -> None:
    smsc = carrier()
    damage(launched, smsc)

    assert launched.jasmin._log.read_text().count("put aside, started without") == len(TABLES)
    assert "Total connectors: 0" in launched.type("smppccm -l")
    cid = launched.open(smsc)
    launched.send(cid, "after")
    smsc.wait_for(lambda: smsc.system("acme").submit_count == 1)
