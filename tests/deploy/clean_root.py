"""The commands of docs/deploy.md on a bare Debian 12, made by debootstrap: `make deploy-test`. As
root.

Not part of the suite: it takes minutes, the ports of a production site, and Debian's packages.
systemd does not run in a chroot: honcho runs the same processes there; test_units.py has the units.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PORTS = {"PostgreSQL": 5432, "Redis": 6379, "the site": 8000, "its uploads": 8001, "nginx": 443}
# A chroot of its own processes, which all end with the shell that `unshare` starts.
NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts"]
HOST = "sms.example.com"
Run = Callable[[str], str]

pytestmark = pytest.mark.deploy


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new root with nothing but Debian's base, ready to be entered."""
    taken = [name for name, port in PORTS.items() if _listens(port)]
    assert not taken, f"something listens already where these should: {taken}"
    root = tmp_path_factory.mktemp("clean") / "root"
    subprocess.run(
        ["debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", root],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    _as_this_machine_installs(root)
    (root / "etc" / "hosts").write_text("127.0.0.1 localhost orbit-clean\n::1 localhost\n")
    yield root
    shutil.rmtree(root)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _as_this_machine_installs(root: Path) -> None:
    """Where packages come from is this machine's business: what it has is taken as it is."""
    for name in ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources",
                 "/etc/apt/apt.conf.d", "/etc/resolv.conf", "/etc/pip.conf", "/etc/xdg/pip",
                 "/etc/ssl/certs/ca-certificates.crt"):  # fmt: skip
        source, target = Path(name), root / name.lstrip("/")
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def _of_the_network() -> dict[str, str]:
    """How this machine reaches registries, and nothing of the settings of this suite."""
    kept = {
        k: v for k, v in os.environ.items() if k.startswith("PIP_") or k.lower().endswith("_proxy")
    }
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **kept}


@pytest.fixture(scope="module")
def run(bare: Path) -> Iterator[Run]:
    """Runs a command line inside, as root; all of them in one machine that lives on between."""
    inside = (
        'hostname orbit-clean; mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; '
        'exec chroot "$0" /bin/bash -l'
    )
    log = bare.parent / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [*NAMESPACES, "sh", "-c", inside, bare],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            env=_of_the_network(),
        ) as machine,
    ):

        def run(command: str) -> str:
            status = bare / "tmp" / "status"
            status.unlink(missing_ok=True)
            begun = log.stat().st_size
            told = "echo $? >/tmp/status.new; mv /tmp/status.new /tmp/status"
            machine.stdin.write(f"( {command} ) </dev/null; {told}\n".encode())
            machine.stdin.flush()
            while not status.exists():
                assert machine.poll() is None, log.read_text(errors="replace")[-4000:]
                time.sleep(0.2)
            said = log.read_bytes()[begun:].decode(errors="replace")
            print(f"$ {command}\n{said}")
            assert status.read_text().strip() == "0", said[-8000:]
            return said

        yield run
        machine.send_signal(signal.SIGKILL)  # and with it all that it started


def test_a_bare_debian_delivers_its_first_message_and_is_backed_up_restored_and_upgraded(
    run: Run, bare: Path
) -> None:
    run("apt-get update -qq && apt-get install -y -qq git >/dev/null")
    subprocess.run(["git", "clone", "-q", ROOT, bare / "opt" / "orbit"], check=True)
    run(f"/opt/orbit/deploy/install.sh --host {HOST} --simulator")
    assert "\ndelivered msg_" in run("/opt/orbit/deploy/first-message.sh +33612345678")

    proxied = f"curl -sk --resolve {HOST}:443:127.0.0.1 https://{HOST}"
    run("apt-get install -y -qq curl >/dev/null")
    assert '"ok"' in run(f"{proxied}/healthz")
    assert "404" in run(f"{proxied}/dlr/x -o /dev/null -w '%{{http_code}}'")

    backup = run("/opt/orbit/deploy/backup.sh").split()[-1]
    run("orbit create_organization 'Made later' --email later@example.com")
    run(f"/opt/orbit/deploy/restore.sh {backup}")
    names = "print(*Organization.objects.values_list('name', flat=True))"
    kept = run(f'orbit shell -v 0 -c "from orbit.accounts.models import Organization; {names}"')
    assert "First message" in kept and "Made later" not in kept
    run("/opt/orbit/deploy/start.sh")
    assert "\ndelivered msg_" in run("/opt/orbit/deploy/first-message.sh +33612345678")

    assert "the site answers" in run("/opt/orbit/deploy/upgrade.sh")
    assert "\ndelivered msg_" in run("/opt/orbit/deploy/first-message.sh +33612345678")
    run("orbit reconcile")
    run(f"/opt/orbit/deploy/install.sh --host {HOST} --simulator")  # a second run does no harm
