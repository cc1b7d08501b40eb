"""The operator's own command for the restart of a gateway."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from reconciler.fleet import restart_command
from reconciler.fleet.restart_command import RestartFailed
from reconciler.models import Gateway

GATEWAY = Gateway(name="second", jcli_host="10.0.0.7")


def python(code: str, *words: str) -> str:
    return " ".join([sys.executable, "-c", f"'{code}'", *words])


def test_the_words_name_the_gateway_and_no_shell_reads_them():
    assert restart_command.words("ssh {host} restart 'jasmin@{name}' ; reboot", GATEWAY) == [
        "ssh", "10.0.0.7", "restart", "jasmin@second", ";", "reboot",
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["", "   ", "restart 'it"])
def test_what_is_no_command_is_refused(command):
    with pytest.raises(RestartFailed):
        restart_command.words(command, GATEWAY)


def test_it_runs_without_the_sites_keys(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    file = tmp_path / "seen"
    code = f'import os; open("{file}", "w").write(repr(dict(os.environ)))'

    restart_command.run(python(code), GATEWAY)

    seen = file.read_text()
    assert "hush" not in seen
    assert "'ORBIT_GATEWAY': 'second'" in seen


def test_one_that_fails_says_what_it_printed():
    code = 'import sys; print("no such unit"); sys.exit(5)'

    with pytest.raises(RestartFailed, match="status 5: no such unit"):
        restart_command.run(python(code), GATEWAY)


def test_one_that_is_not_there_or_does_not_end_fails(settings):
    settings.GATEWAY_RESTART_TIMEOUT = 0.1
    with pytest.raises(RestartFailed, match="can't be run"):
        restart_command.run("/no/such/program", GATEWAY)
    with pytest.raises(RestartFailed, match="took over"):
        restart_command.run("sleep 60", GATEWAY)


def test_it_has_ended_although_a_process_that_it_started_goes_on(settings, tmp_path: Path):
    """A daemon keeps what it was given to print into."""
    settings.GATEWAY_RESTART_TIMEOUT = 20
    code = (
        "import subprocess; "
        f'open("{tmp_path / "pid"}", "w").write(str(subprocess.Popen(["sleep", "60"]).pid))'
    )

    try:
        restart_command.run(python(code), GATEWAY)
    finally:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_of_much_that_it_printed_the_end_is_told():
    code = 'import sys; print("x" * 100000 + "no such unit"); sys.exit(5)'

    with pytest.raises(RestartFailed, match="no such unit$") as failed:
        restart_command.run(python(code), GATEWAY)

    assert len(str(failed.value)) < 2 * restart_command.SHOWN
