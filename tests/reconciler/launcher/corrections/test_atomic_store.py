"""A process that is killed while it writes its store, in Jasmin's own Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reconciler.launcher import inside

pytestmark = pytest.mark.stack

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
CORRECT = "from reconciler.launcher import store; store.correct()"


def persist(store: Path, correct: str, *arguments: str) -> bytes:
    """What is in the file of connectors after it was written, or half so."""
    outcome = inside.run(PROGRAM.format(correct=correct), *arguments, STORE_PATH=str(store))
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
