"""Each line of the Procfile starts where nothing but requirements.txt is installed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from orbit.dev.demo.http import Unreachable, send
from orbit.dev.stack import Stack
from orbit.dev.stack.files import PATH
from orbit.dev.stack.processes import Process
from orbit.operations.low_priority import NICE
from tests.e2e.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".local" / "runtime-venv"
REQUIREMENTS = ROOT / "requirements.txt"
LISTEN = {"web": "SITE_BIND", "uploads": "UPLOADS_BIND"}
READY = {  # the line of its log that says so
    "worker": " ready.",
    "diagnoser": " ready.",
    "tester": " ready.",
    "sender": " ready.",
    "webhooks": " ready.",
    "receiver": "receiver ready",
    "beat": "beat: Starting...",
}

pytestmark = [
    pytest.mark.stack,
    pytest.mark.deploy,
]


@pytest.fixture(scope="module")
def runtime() -> Path:
    """The folder of the programs of an environment with requirements.txt alone.

    Made anew when requirements.txt has changed.
    """
    stamp = ENVIRONMENT / ".stamp"
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        pip = [ENVIRONMENT / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
        install = [*pip, "install", "--quiet", "--no-compile", "-r", REQUIREMENTS]
        subprocess.run(install, check=True)
        stamp.write_text(digest)
    return ENVIRONMENT / "bin"


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


@pytest.fixture
def site(runtime: Path, stack: Stack, tmp_path: Path) -> dict[str, str]:
    """An environment of a site of its own: a database file, and a Redis database of its number."""
    state = tmp_path / "state"
    state.mkdir()
    return {
        "PATH": f"{runtime}:{PATH}",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SECRET_KEY": "a-secret-key-of-this-test-of-more-than-32-characters",
        "FERNET_KEYS": "a-fernet-key-of-this-test-of-more-than-32-characters",
        "AUDIT_KEY": "an-audit-key-of-this-test-of-more-than-32-characters",
        "STATE_DIR": str(state),
        "DATABASE_URL": f"sqlite:///{state / 'db.sqlite3'}",
        "REDIS_URL": f"{stack.redis_url.rpartition('/')[0]}/9",
        "STATIC_FROM_APPS": "true",  # `collectstatic` then only copies
        "SITE_BIND": f"127.0.0.1:{stack.reserve_port()}",
        "UPLOADS_BIND": f"127.0.0.1:{stack.reserve_port()}",
        "WEB_CONCURRENCY": "1",
        "WORKER_CONCURRENCY": "1",
        "SENDER_CONCURRENCY": "1",
    }


def answers(url: str) -> bool:
    try:
        return send("GET", url).status == 200
    except Unreachable:
        return False


def test_each_line_of_the_procfile_gets_ready_with_the_requirements_alone(
    site: dict[str, str], stack: Stack
) -> None:
    lines = procfile()
    release = subprocess.run(
        ["sh", "-c", lines.pop("release")], env=site, cwd=ROOT, capture_output=True, text=True
    )
    assert release.returncode == 0, release.stdout + release.stderr

    processes: dict[str, Process] = {}
    try:
        for name, command in lines.items():
            argv = ["sh", "-c", f"exec {command}"]
            processes[name] = stack.spawn(f"procfile-{name}", argv, env=site)

        def log(name: str) -> str:
            return (stack.root / "logs" / f"procfile-{name}.log").read_text(errors="replace")

        def is_ready(name: str) -> bool:
            if not processes[name].is_running():
                pytest.fail(f"{name} ended at its start:\n{log(name)}")
            if name in LISTEN:
                return answers(f"http://{site[LISTEN[name]]}/healthz")
            return READY[name] in log(name)

        for name in lines:
            eventually(lambda name=name: is_ready(name), timeout=60)
        nice = {
            name: {each.nice() for each in psutil.Process(processes[name].pid).children()}
            for name in LISTEN
        }
        ours = os.getpriority(os.PRIO_PROCESS, 0)
        assert nice == {"web": {ours}, "uploads": {max(NICE, ours)}}
    finally:
        for process in processes.values():
            process.stop(timeout=10)
