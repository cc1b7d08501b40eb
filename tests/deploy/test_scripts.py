"""What deploy/'s scripts do when something fails, and to whom; stand-ins are what they call."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the scripts, which think that they are root; `python` only leaves `called`."""
    home = tmp_path / "home"
    shutil.copytree(DEPLOY, home / "deploy")
    write(tmp_path / "bin" / "id", "echo 0")
    write(tmp_path / "bin" / "python", f'echo "$*" >>{tmp_path}/called')
    (tmp_path / "orbit.env").write_text("DATABASE_URL=postgres://orbit:x@127.0.0.1:1/orbit\n")
    return home


def write(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def sh(home: Path, *command: object) -> subprocess.CompletedProcess[str]:
    folder = home.parent
    return subprocess.run(
        [*map(str, command)],
        env={
            "PATH": f"{folder}/bin:{os.environ['PATH']}",
            "ORBIT_HOME": str(home),
            "ORBIT_ENV": str(folder / "orbit.env"),
            "ORBIT_PYTHON": str(folder / "bin" / "python"),
        },
        capture_output=True,
        text=True,
    )


def test_an_upgrade_without_a_backup_goes_no_further(home: Path) -> None:
    write(home / "deploy" / "backup.sh", "echo no space left >&2; exit 1")

    done = sh(home, home / "deploy" / "upgrade.sh")

    assert done.returncode != 0
    assert not (home.parent / "called").exists(), "it installed packages"


STOP = """. "$ORBIT_HOME/deploy/site.sh"
has_systemd() { :; }
systemctl() { [ "$1" != is-enabled ] && echo "$@"; }
stop_site"""


@pytest.mark.parametrize(
    ("env", "said"),
    [("/etc/orbit/orbit.env", "stop orbit-*.service orbit.target\n"), ("/tmp/drill.env", "")],  # noqa: S108
)
def test_a_drill_with_other_settings_leaves_the_site_of_this_host_alone(
    home: Path, env: str, said: str
) -> None:
    done = sh(home, "sh", "-c", f"ORBIT_ENV={env}\n{STOP}")

    assert (done.returncode, done.stdout) == (0, said)


def test_an_option_that_lacks_its_value_is_named(home: Path) -> None:
    done = sh(home, home / "deploy" / "install.sh", "--host")

    assert (done.returncode, "an option lacks its value" in done.stderr) == (1, True)


def test_a_first_message_that_can_not_be_cleaned_up_ends_all_the_same(monkeypatch) -> None:
    monkeypatch.setenv("SITE_ADDRESS", "http://192.0.2.1:8000")
    monkeypatch.syspath_prepend(DEPLOY)
    first = import_module("first_message")
    simulator = subprocess.Popen(["sleep", "600"])

    class Away:
        made = ("/messaging/smpp/credentials/cred_1",)

        def __call__(self, method: str, path: str) -> None:
            raise SystemExit(f"{method} {path}: 503")

    told = []
    monkeypatch.setattr(first, "_manage", lambda *each, **_: told.extend(each) or {"api_key": "k"})
    monkeypatch.setattr(first, "_simulator", lambda _: simulator)
    monkeypatch.setattr(first, "Api", lambda _: Away())
    monkeypatch.setattr(first, "_send", lambda *_: None)

    with pytest.raises(SystemExit, match="503"):
        first.main("+33612345678")
    assert simulator.poll() is not None
    assert "--password-stdin" in told, "a link would be mailed"


def upgrade_gateways(home: Path, upgrade: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Of two gateways; `upgrade` is what `manage.py gateways upgrade NAME` does, NAME in $4. Also
    what was called, in its order."""
    folder, called = home.parent / "jasmin", home.parent / "called"
    for name in ("main", "second"):
        write(folder / f"{name}.env", "")
    write(home.parent / "bin" / "python", f"{upgrade} >>{called}; exit $status")
    write(home.parent / "bin" / "runuser", 'shift 3; exec "$@"')
    script = home / "deploy" / "upgrade-gateways.sh"
    noted = f'restart() {{ echo "restart $1" >>{called}; }}'
    script.write_text(script.read_text().replace("need_root\n", f"{noted}\nneed_root\n"))
    return sh(home, "env", f"JASMIN_ENVS={folder}", script), called.read_text()


def test_gateways_are_restarted_one_after_another_when_each_is_empty(home: Path) -> None:
    says = 'status=0; echo "start $4 again now"; echo "$4"'

    done, called = upgrade_gateways(home, says)

    assert done.returncode == 0, done.stderr
    first, second = called.split("\n")[:2], called.split("\n")[2:-1]
    assert sorted(first) == ["main", "restart main"]
    assert sorted(second) == ["restart second", "second"]


def test_after_one_that_fails_no_other_gateway_is_touched(home: Path) -> None:
    done, called = upgrade_gateways(home, 'status=1; echo "$4"')

    assert (done.returncode, called) == (1, "main\n")
    assert "main is not upgraded" in done.stderr


@pytest.mark.parametrize("script", ["upgrade-gateways.sh", "docker/upgrade-gateways.sh"])
def test_the_words_that_a_script_waits_for_are_those_that_are_said(script: str) -> None:
    said = (DEPLOY.parent / "reconciler" / "management" / "fleet_actions.py").read_text()
    waited_for = re.search(r'\*"(start \$\w+ again now)"\*', (DEPLOY / script).read_text())[1]

    assert re.sub(r"\$\w+", "{gateway}", waited_for) in said


def test_a_further_host_says_which_server_it_does_not_reach_and_no_password(home: Path) -> None:
    write(home.parent / "bin" / "python", f'exec {sys.executable} "$@"')
    asked = '. "$ORBIT_HOME/deploy/site.sh"\nload_settings\nreach_servers\n'
    settings = "DATABASE_URL=postgres://orbit:s3cr3tpw@127.0.0.1:1/orbit\n"
    (home.parent / "orbit.env").write_text(settings)

    done = sh(home, "sh", "-c", asked)

    assert done.returncode != 0
    assert "PostgreSQL: " in done.stderr
    assert "refused" in done.stderr
    assert "Traceback" not in done.stderr
    assert "s3cr3tpw" not in done.stderr


ADDED = """. "$ORBIT_HOME/deploy/site.sh"
. "$ORBIT_HOME/deploy/gateways.sh"
"""


def test_each_gateway_of_a_host_gets_ports_and_a_password_of_its_own(home: Path) -> None:
    folder = home.parent / "jasmin"
    folder.mkdir()
    names = ("main", "second", "third")
    made = "".join(f"write_gateway {name} 127.0.0.1 127.0.0.1\n" for name in (*names, "main"))

    done = sh(home, "env", f"JASMIN_ENVS={folder}", "sh", "-c", ADDED + made)

    assert done.returncode == 0, done.stderr
    files = [settings_of(folder / f"{name}.env") for name in names]
    ports = [value for each in files for name, value in each.items() if name.endswith("PORT")]
    assert len(ports) == len(set(ports)) == 3 * 6
    assert len({each["JCLI_PASSWORD"] for each in files}) == 3
    for each in files:
        digest = hashlib.md5(each["JCLI_PASSWORD"].encode(), usedforsecurity=False).hexdigest()
        assert each["JCLI_ADMIN_PASSWORD"] == digest
    assert (folder / "main.env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("listen", "written"), [("10.9.0.4", "10.9.0.4"), ("fd00::4", "[fd00::4]")]
)
def test_an_address_before_a_port_is_in_brackets_if_it_has_colons(
    home: Path, listen: str, written: str
) -> None:
    folder = home.parent / "jasmin"
    folder.mkdir()
    asked = f"write_gateway south {listen} 0.0.0.0\nconsole_of south\nhttp_of south\n"

    done = sh(home, "env", f"JASMIN_ENVS={folder}", "sh", "-c", ADDED + asked)

    assert done.stdout.split() == [f"{written}:8990", f"http://{written}:1401"], done.stderr


def settings_of(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())
