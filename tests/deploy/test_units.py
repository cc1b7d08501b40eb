"""The systemd units start what the Procfile starts, and systemd reads them without a word."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
COMMON = UNITS / "orbit-.service.d" / "common.conf"
PROGRAMS = "/opt/orbit/.venv/bin/"


def settings(path: Path) -> Iterator[tuple[str, str]]:
    """(name, value) of each line of a unit."""
    for line in path.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            yield name, value


def units() -> list[Path]:
    """Those of the site's processes; a template is one more of a process that has a unit."""
    return [path for path in UNITS.glob("orbit-*.service") if not path.stem.endswith("@")]


def wanted(target: str) -> set[str]:
    return {
        unit
        for name, value in settings(UNITS / target)
        if name == "Wants"
        for unit in value.split()
    }


def procfile() -> dict[str, str]:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    del lines["release"]  # install.sh and upgrade.sh do it
    return lines


def environment() -> dict[str, str]:
    """Defaults that the units bring, since systemd knows no ${NAME:-default}."""
    words = [
        word for name, value in settings(COMMON) if name == "Environment" for word in value.split()
    ]
    return dict(word.split("=", 1) for word in words)


def test_each_process_of_the_procfile_has_its_unit_with_the_same_command() -> None:
    plain = {
        name: re.sub(r"\$\{(\w+):-[^}]*\}", r"${\1}", line) for name, line in procfile().items()
    }

    commands = {
        path.stem.removeprefix("orbit-"): dict(settings(path))["ExecStart"] for path in units()
    }

    assert {
        name: command.removeprefix(PROGRAMS).replace("%%", "%")
        for name, command in commands.items()
    } == plain
    assert all(command.startswith(PROGRAMS) for command in commands.values())


def test_the_units_have_the_defaults_of_the_procfile() -> None:
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", "\n".join(procfile().values())))

    assert len(defaults) > 3
    assert environment().items() >= defaults.items()


def test_the_target_starts_every_unit() -> None:
    assert wanted("orbit.target") == {path.name for path in units()}


def test_a_further_host_starts_all_but_web_servers_and_clock() -> None:
    """There is one beat, and the proxy knows the web servers of its host."""
    ours = wanted("orbit.target")
    assert ours - wanted("orbit-further.target") == {
        "orbit-web.service",
        "orbit-uploads.service",
        "orbit-beat.service",
    }
    assert "orbit-further.target" in dict(settings(COMMON))["PartOf"].split()


def test_one_more_receiver_of_a_host_has_a_name_of_its_own() -> None:
    one = dict(settings(UNITS / "orbit-receiver.service"))["ExecStart"]
    more = dict(settings(UNITS / "orbit-receiver@.service"))["ExecStart"]
    assert more == f"{one} --name receiver-%i@%H"


@pytest.mark.parametrize("path", [COMMON, UNITS / "jasmin@.service"], ids=lambda path: path.name)
def test_each_process_is_hardened_checked_before_its_start_and_started_again(path: Path) -> None:
    said = dict(settings(path))

    assert said["Restart"] == "always"
    assert int(said["LimitNOFILE"]) >= 65536
    assert said["ProtectSystem"] == "strict"
    assert said["NoNewPrivileges"] == "yes"
    assert said["User"] in ("orbit", "jasmin")
    assert "ExecStartPre" in said
    assert "Requires" not in said, "a server that is restarted would stop it"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_reads_the_units_without_a_word(tmp_path: Path) -> None:
    """Programs stand where units say so only on an installed host: /bin/true stands in."""
    copies = tmp_path / "units"
    shutil.copytree(UNITS, copies)
    for path in copies.rglob("*"):
        if path.is_file():
            text = re.sub(r"(?m)^(Exec\w+=)/opt/\S+", r"\1/bin/true", path.read_text())
            text = re.sub(r"(?m)^(User|Group)=.*", r"\1=root", text)
            path.write_text(text)
    names = sorted(
        path.name.replace("@.", "@2.") for path in copies.glob("orbit*") if path.is_file()
    )
    done = subprocess.run(
        [
            "systemd-analyze",
            "verify",
            "--man=no",
            *(copies / name for name in names),
            copies / "jasmin@main.service",
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{copies}:", "SYSTEMD_LOG_LEVEL": "warning"},
    )

    ours = [
        line
        for line in done.stderr.splitlines()
        if str(copies) in line or "orbit" in line or "jasmin" in line
    ]
    assert (done.returncode, ours) == (0, [])
