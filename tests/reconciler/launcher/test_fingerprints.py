"""The check of the installed Jasmin, on the right version and on another."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from orbit.dev.stack.jasmin import LAUNCHER, VENV

pytestmark = pytest.mark.stack

PLACE = "jasmin.routing.RoutingTables:RoutingTable"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the launcher in another folder."""
    root = LAUNCHER.parents[2]
    for each in ("reconciler/launcher", "messaging/smpp/protocol"):
        shutil.copytree(root / each, tmp_path / each)
    for each in ("reconciler/__init__.py", "reconciler/gateway_api.py"):
        shutil.copy(root / each, tmp_path / each)
    return tmp_path / "reconciler" / "launcher"


def run(launcher: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [VENV / "bin" / "python", launcher / "run.py", *options],
        env={"ROOT_PATH": str(launcher), "STORE_PATH": str(launcher), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )


def forget(launcher: Path, place: str) -> None:
    file = launcher / "fingerprints.json"
    known = json.loads(file.read_text())
    known["files"][place.partition(":")[0]] = "another"
    known["places"][place] = "another"
    file.write_text(json.dumps(known))


def test_the_installed_versions_are_those_that_were_read() -> None:
    done = run(LAUNCHER.parent, "--check")

    assert done.returncode == 0
    assert "jasmin 0.11.0" in done.stdout
    assert " places are as they were read" in done.stdout
    assert " connectors fit" in done.stdout


def test_it_says_which_module_has_to_be_read_again(copied: Path) -> None:
    forget(copied, PLACE)

    done = run(copied, "--check")

    assert done.returncode == 78
    assert f"read components/route_table.py again: {PLACE}\n" in done.stdout


def test_a_file_that_changed_elsewhere_is_as_it_was_read(copied: Path) -> None:
    file = copied / "fingerprints.json"
    known = json.loads(file.read_text())
    known["files"][PLACE.partition(":")[0]] = "another"
    file.write_text(json.dumps(known))

    assert run(copied, "--check").returncode == 0


def test_another_jasmin_is_not_started(copied: Path) -> None:
    forget(copied, PLACE)

    done = run(copied)

    assert done.returncode == 78
    assert done.stderr.startswith("not started: this Jasmin is not the one that our code was read")
    assert PLACE in done.stderr


def test_what_was_read_again_is_noted_down(copied: Path) -> None:
    forget(copied, PLACE)

    assert run(copied, "--check", "--accept").returncode == 0
    assert run(copied, "--check").returncode == 0
