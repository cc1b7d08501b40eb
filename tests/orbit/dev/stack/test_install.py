"""`make setup` on machines of cardboard: every program that install.sh calls is a stub of ours."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from orbit.dev.stack.jasmin import PROJECT

TOOLS = ["cat", "cut", "date", "dirname", "flock", "ls", "mkdir", "rm", "sha256sum", "tee"]
# Python makes environments that consist of a pip which notes its arguments.
PYTHON = """#!/bin/sh
case "$*" in
    "-c import ensurepip") exit {ensurepip} ;;
    "-m venv "*) mkdir -p "$3/bin"
        printf '#!/bin/sh\\necho "$0 $*" >>pip.log\\nexit {pip}\\n' >"$3/bin/python"
        chmod +x "$3/bin/python" ;;
esac
"""
Outcome = subprocess.CompletedProcess[str]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout with a `bin` folder beside it that is the whole PATH."""
    project = tmp_path / "project"
    for name in ("requirements.txt", "pyproject.toml", "reconciler/launcher/requirements.txt"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(name)
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in [*TOOLS, "chmod", "sh"]:
        (programs / tool).symlink_to(shutil.which(tool))
    put(machine=tmp_path, name="python3.11", script=PYTHON.format(ensurepip=0, pip=0))
    put(machine=tmp_path, name="redis-server", script="#!/bin/sh\n")
    put(machine=tmp_path, name="id", script="#!/bin/sh\necho 1000\n")
    return tmp_path


def put(*, machine: Path, name: str, script: str) -> None:
    path = machine / "bin" / name
    path.write_text(script)
    path.chmod(0o755)


@pytest.fixture
def install(machine: Path) -> Callable[..., Outcome]:
    def run(*arguments: str) -> Outcome:
        return subprocess.run(
            [PROJECT / "orbit" / "dev" / "stack" / "install.sh", *arguments],
            cwd=machine / "project",
            env={"PATH": str(machine / "bin")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    return run


def python(machine: Path, *, ensurepip: int = 0, pip: int = 0) -> None:
    put(machine=machine, name="python3.11", script=PYTHON.format(ensurepip=ensurepip, pip=pip))


def pip_calls(machine: Path) -> list[str]:
    """Environments that pip was called in for a requirements file, in no order; forgets them."""
    log = machine / "project" / "pip.log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return sorted(line.split("/bin/python")[0] for line in lines if " -r " in line)


def test_both_environments_are_made_once(machine: Path, install: Callable[[], Outcome]) -> None:
    first = install()
    assert (first.returncode, first.stderr) == (0, "")
    assert pip_calls(machine) == [".local/jasmin-venv", ".venv"]
    second = install()
    assert (second.returncode, second.stdout) == (0, "")
    assert pip_calls(machine) == []


@pytest.mark.parametrize(
    ("changed", "remade"),
    [
        ("requirements.txt", ".venv"),
        ("pyproject.toml", ".venv"),
        ("reconciler/launcher/requirements.txt", ".local/jasmin-venv"),
    ],
)
def test_a_changed_requirement_remakes_its_environment(
    machine: Path, install: Callable[[], Outcome], changed: str, remade: str
) -> None:
    install()
    pip_calls(machine)
    with (machine / "project" / changed).open("a") as file:
        file.write("# changed\n")
    assert install().returncode == 0
    assert pip_calls(machine) == [remade]


def test_a_failed_pip_is_said_and_tried_again(machine: Path, install) -> None:
    python(machine, pip=1)
    failed = install()
    assert failed.returncode == 1
    assert "the Python packages in requirements.txt could not be installed" in failed.stderr
    python(machine)
    assert install().returncode == 0
    assert pip_calls(machine) == [".local/jasmin-venv", ".venv"]


def test_without_python_it_says_what_to_install(machine: Path, install) -> None:
    (machine / "bin" / "python3.11").unlink()
    outcome = install()
    assert outcome.returncode == 1
    assert outcome.stderr == (
        "setup: Python 3.11 is missing; please install python3.11 (and python3.11-venv)\n"
    )


def test_without_apt_it_says_what_is_missing(machine: Path, install) -> None:
    python(machine, ensurepip=1)
    outcome = install()
    assert outcome.returncode == 1
    assert outcome.stderr == (
        "setup: these Debian packages are missing, and there is no apt-get: python3.11-venv\n"
    )


def test_a_browser_a_prometheus_a_tshark_and_an_nginx_are_for_the_tests_alone(
    machine: Path, install
) -> None:
    assert install().returncode == 0
    outcome = install("tests")
    assert "there is no apt-get: chromium-headless-shell prometheus tshark" in outcome.stderr
    put(machine=machine, name="chromium-headless-shell", script="#!/bin/sh\n")
    put(machine=machine, name="promtool", script="#!/bin/sh\n")
    put(machine=machine, name="tshark", script="#!/bin/sh\n")
    put(machine=machine, name="nginx", script="#!/bin/sh\n")
    assert install("tests").returncode == 0


def test_without_the_right_it_says_what_to_run(machine: Path, install) -> None:
    python(machine, ensurepip=1)
    put(machine=machine, name="apt-get", script="#!/bin/sh\n")
    outcome = install()
    assert outcome.returncode == 1
    assert outcome.stderr == (
        "setup: no right to install Debian packages; please run, as root: "
        "apt-get install --no-install-recommends python3.11-venv\n"
    )


@pytest.mark.parametrize("status", [0, 100])
def test_packages_come_through_sudo_and_what_keeps_services_down_goes_away(
    machine: Path, install: Callable[[], Outcome], status: int
) -> None:
    python(machine, ensurepip=1)
    put(machine=machine, name="apt-get", script="#!/bin/sh\n")
    notes = machine / "sudo.log"
    script = f'#!/bin/sh\necho "$*" >>{notes}\ncase "$*" in *install*) exit {status} ;; esac\n'
    put(machine=machine, name="sudo", script=script)
    outcome = install()
    lines = [line.removeprefix("-n ") for line in notes.read_text().splitlines()]
    drop_in = "/etc/postgresql-common/createcluster.d/orbit.conf"
    update, removal = lines.index("apt-get update -qq"), len(lines) - 1
    assert lines.index(f"tee {drop_in}") < update
    assert lines[removal].startswith(f"rm -f {drop_in}")
    (apt,) = [line for line in lines[update:removal] if "apt-get install" in line]
    assert apt.endswith(" python3.11-venv")
    assert "setup: installing Debian packages: python3.11-venv (none of them is started)" in (
        outcome.stdout
    )
    assert outcome.returncode == (0 if status == 0 else 1)
    assert ("apt-get failed; please run, as root: apt-get install" in outcome.stderr) == bool(
        status
    )
