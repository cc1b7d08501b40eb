"""`manage.py smsc_simulator` as a process, and its control port."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.core.management import CommandError, call_command

from messaging.net.tls import Tls
from messaging.smpp.trial_bind import trial_bind
from orbit.dev.management.commands.smsc_simulator import EXAMPLES
from orbit.dev.simulator.fault_kinds import KINDS
from tests.fixtures.forkserver.programs import AT_START, Program, run
from tests.orbit.dev.simulator.asking import ask

ROOT = Path(__file__).parents[4]
SECONDS = 30


class Process:
    """The command, running; `ready` is its first line for programs."""

    def __init__(self, *arguments: str, stdin: str | None = None) -> None:
        self._process = Program(
            [sys.executable, "manage.py", "smsc_simulator", *arguments],
            cwd=ROOT,
            env=os.environ | AT_START,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if stdin is not None:
            self._process.stdin.write(stdin)
            self._process.stdin.close()
            self._process.stdin = None
        self.ready = self._wait_until_ready()

    def _wait_until_ready(self) -> dict:
        for line in self._process.stdout:
            event = json.loads(line)
            if event["event"] == "ready":
                return event
        raise AssertionError(self._process.communicate()[1])

    @property
    def port(self) -> int:
        return self.ready["ports"][0]["port"]

    @property
    def pid(self) -> int:
        return self._process.pid

    def bind(self, system_id: str = "acme", password: str = "secret", **options):
        wanted = {"address": "127.0.0.1", "host": "", "port": self.port, "timeout": 10} | options
        return trial_bind(system_id=system_id, password=password, **wanted)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return ask(self.ready["control"], method, path, body)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """(exit status, the rest of stdout, stderr)"""
        if self._process.poll() is None:
            self._process.send_signal(number)
        out, err = self._process.communicate(timeout=SECONDS)
        return self._process.returncode, out, err

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate(timeout=SECONDS)


@pytest.fixture
def simulator():
    """`simulator("--port", "0", …)` starts the command."""
    started: list[Process] = []

    def start(*arguments: str, **options) -> Process:
        started.append(Process(*arguments, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def refused(*arguments: str) -> str:
    """What the command says when it does not start."""
    with pytest.raises(CommandError) as error:
        call_command("smsc_simulator", *arguments)
    return str(error.value)


def test_without_accounts_it_shows_one_that_works(simulator):
    process = simulator("--port", "0")
    assert process.bind("sandbox", "sandbox").result == "bound"
    status, out, err = process.end(signal.SIGINT)
    assert status == 0
    shown = dict(line.split(None, 1) for line in err.splitlines() if line.startswith("  "))
    assert shown == {
        "host": "127.0.0.1",
        "port": str(process.port),
        "system_id": "sandbox",
        "password": "sandbox",
    }
    assert [json.loads(line)["event"] for line in out.splitlines()].count("pdu") == 4


def test_it_listens_on_loopback_only(simulator):
    process = simulator("--port", "0")
    assert process.ready["ports"][0]["host"] == "127.0.0.1"


def test_several_ports_and_tls(simulator):
    process = simulator("--port", "0", "--port", "0", "--tls-port", "0", "--system", "acme:secret")
    ports = process.ready["ports"]
    assert [port["tls"] for port in ports] == [False, False, True]
    for port in ports:
        tls = Tls("127.0.0.1", verify=False) if port["tls"] else None
        assert process.bind(port=port["port"], tls=tls).result == "bound"


def test_accounts_come_from_the_command_line_and_from_a_file(simulator, tmp_path):
    file = tmp_path / "systems.json"
    file.write_text('{"systems": [{"system_id": "b", "password": "x,y:z", "faults": ["slow:0"]}]}')
    process = simulator("--port", "0", "--system", "a:pw,bind-fail", "--systems", str(file))
    assert process.bind("a", "pw").status.name == "ESME_RBINDFAIL"
    assert process.bind("b", "x,y:z").result == "bound"


def test_accounts_can_be_piped_in(simulator):
    text = '{"systems": [{"system_id": "acme", "password": "secret"}]}'
    process = simulator("--port", "0", "--systems", "-", stdin=text)
    assert process.bind().result == "bound"


def test_the_log_goes_to_a_file_that_others_cannot_read(simulator, tmp_path):
    log = tmp_path / "smsc.jsonl"
    process = simulator("--port", "0", "--log", str(log), "--system", "acme:secret")
    process.bind()
    status, out, err = process.end()
    assert (status, out) == (0, "")
    assert log.stat().st_mode & 0o777 == 0o600
    commands = [json.loads(line).get("command") for line in log.read_text().splitlines()]
    assert "bind_transceiver" in commands
    assert "secret" not in log.read_text() + err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--system", "acme"], "system_id:password"),
        (["--system", "acme:"], "password must have"),
        (["--system", "acme:seventeen_letters"], "1 to 16"),
        (["--system", "sixteen_is_a_lot:x"], "1 to 15"),
        (["--system", "acme:secret,explode"], "unknown fault 'explode'"),
        (["--system", "acme:secret", "--system", "acme:other"], "twice"),
        (["--systems", "/nonexistent"], "cannot read /nonexistent"),
        (["--systems", "-"], "must be JSON"),
        (["--port", "x"], "0 to 65535"),
        (["--port", "65536"], "0 to 65535"),
        (["--enquire-link", "0"], "more than 0"),
        (["--tls-port", "0", "--certificate", "/nonexistent"], "certificate or key"),
        (["--port", "0", "--log", "/nonexistent/log"], "cannot write /nonexistent/log"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(monkeypatch, arguments, said):
    monkeypatch.setattr("sys.stdin", io.StringIO("no json"))
    message = refused(*arguments)
    assert said in message
    assert "\n" not in message


def test_a_port_that_is_taken_is_named(smsc):
    assert f"127.0.0.1:{smsc.port}" in refused("--port", str(smsc.port))
    assert f"127.0.0.1:{smsc.port}" in refused("--port", "0", "--control", str(smsc.port))


def test_it_ends_with_its_parent():
    """A shell starts it and is killed; nothing is left behind."""
    command = shlex.join(
        [sys.executable, "manage.py", "smsc_simulator", "--port", "0", "--with-parent"]
    )
    shell = subprocess.Popen(
        ["/bin/sh", "-c", f"{command} & wait"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with shell.stdout:
        for line in shell.stdout:
            ready = json.loads(line)
            if ready["event"] == "ready":
                break
        shell.kill()
        shell.wait()
        for _ in shell.stdout:  # ends when the simulator, the last writer, has gone
            pass
    deadline = time.monotonic() + SECONDS
    while runs(ready["pid"]):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_does_not_start_for_a_parent_that_has_gone():
    run(
        [sys.executable, "manage.py", "smsc_simulator", "--port", "0", "--with-parent", "1"],
        cwd=ROOT,
        env=os.environ | AT_START,
        timeout=SECONDS,
        check=True,
    )


def runs(pid: int) -> bool:
    """Whether it runs. A zombie, whose exit status has not been read yet, does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


# The help


def test_the_help_names_every_fault_and_fits_a_terminal():
    shown = run(
        [sys.executable, "manage.py", "smsc_simulator", "--help"],
        cwd=ROOT,
        env=os.environ | AT_START,
        text=True,
        timeout=SECONDS,
        check=True,
    ).stdout
    assert all(f"  {name}" in shown for name in KINDS)
    assert max(len(line) for line in shown.splitlines()) <= 110


def commands_of_the_help() -> list[list[str]]:
    joined = re.sub(r"\\\n\s*", "", EXAMPLES)
    lines = [line.strip() for line in joined.splitlines()]
    return [shlex.split(line) for line in lines if re.match(r"(python|curl|echo) ", line)]


def test_every_example_of_the_help_works(simulator, tmp_path):
    """Copied from the help, on ports of our own instead of those named there."""
    process, tried = None, 0
    for words in commands_of_the_help():
        if words[0] == "echo":
            (tmp_path / "systems.json").write_text(words[1])
        elif words[0] == "python":
            arguments = words[3:] if "--port" in words else [*words[3:], "--port", "0"]
            for option in ("--port", "--tls-port", "--control"):
                if option in arguments:
                    arguments[arguments.index(option) + 1] = "0"
            arguments = [str(tmp_path / a) if a == "systems.json" else a for a in arguments]
            process = simulator(*arguments)
        else:
            url = next(word for word in words if word.startswith("http"))
            path = re.sub("/ports/2775", f"/ports/{process.port}", url.split(":8775", 1)[1])
            body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
            status, answer = process.ask("GET" if body is None else "POST", path, body)
            assert (status, answer) == (200, answer), words
        tried += 1
    assert tried == 13


def test_a_closed_pipe_ends_it(simulator):
    """Without a reader of its log, no process would ever stop it."""
    process = simulator("--port", "0", "--system", "acme:secret")
    process._process.stdout.close()
    deadline = time.monotonic() + SECONDS
    while process._process.poll() is None and time.monotonic() < deadline:
        process.bind(timeout=0.5)
    assert process._process.poll() is not None
    process._process.stdout = None
