"""One demo at a time in a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orbit.dev.demo.single_instance import AlreadyRunning, only_one
from orbit.dev.stack.jasmin import PROJECT

pytestmark = pytest.mark.sqlite

HOLDER = """
import sys, time
from pathlib import Path
from orbit.dev.demo.single_instance import only_one

with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(300)
"""


def test_the_second_one_hears_who_the_first_is(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(AlreadyRunning, match=f"already running.*process {holder.pid}"),
            only_one(tmp_path),
        ):
            pass
        holder.kill()
    with only_one(tmp_path):
        pass


def test_it_is_free_again_afterwards_and_the_folder_is_made(tmp_path: Path) -> None:
    for _ in range(2):
        with only_one(tmp_path / "local" / "demo"):
            pass


def test_the_mode_of_a_folder_in_use_stays(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    with only_one(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o711
