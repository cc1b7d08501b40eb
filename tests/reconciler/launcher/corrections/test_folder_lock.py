"""The folder lock, in Jasmin's Python: the tests' Python has no `lockfile`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reconciler.launcher import jasmin_python

pytestmark = pytest.mark.stack

PROGRAM = """
import lockfile, os, sys
lock_class = {lock}
first, second = lock_class("/tmp/jasmind"), lock_class("/tmp/jasmind")
first.acquire(timeout=0.1)
assert first.i_am_locking()
try:
    second.acquire(timeout=0.1)
except (lockfile.AlreadyLocked, lockfile.LockTimeout) as error:
    print(type(error).__name__, second.i_am_locking())
{end}
"""
OURS = (
    "__import__('reconciler.launcher.corrections.folder_lock')"
    ".launcher.corrections.folder_lock.FolderLock"
)
RELEASES = "first.release(); second.acquire(timeout=0.1); print('ours', second.i_am_locking())"
DIES = "sys.stdout.flush(); os.kill(os.getpid(), 9)"


STOCK = """
import lockfile, os, sys
try:
    lockfile.FileLock(sys.argv[1]).acquire(timeout=0.1)
except lockfile.LockTimeout:
    sys.exit("locked")
os.kill(os.getpid(), 9)
"""


def run(root: Path, end: str) -> list[str]:
    outcome = jasmin_python.run(PROGRAM.format(lock=OURS, end=end), ROOT_PATH=str(root))
    assert not outcome.stderr
    return outcome.stdout.splitlines()


def test_stock_is_locked_out_by_one_that_was_killed(tmp_path: Path) -> None:
    """As jasmind takes it, but for the folder."""
    for words in ("", "locked\n"):
        outcome = jasmin_python.run(STOCK, str(tmp_path / "jasmind"))
        assert outcome.stderr == words


def test_one_gateway_has_the_folder_until_it_lets_go(tmp_path: Path) -> None:
    assert run(tmp_path, RELEASES) == ["AlreadyLocked False", "ours True"]


def test_a_killed_gateway_leaves_no_lock_behind(tmp_path: Path) -> None:
    assert run(tmp_path, DIES) == ["AlreadyLocked False"]
    assert run(tmp_path, RELEASES) == ["AlreadyLocked False", "ours True"]
