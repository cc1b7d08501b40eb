"""Starting, stopping, killing and supervising a real Jasmin."""

from __future__ import annotations

import socket

import psutil
import pytest

from orbit.dev.stack import Jasmin, Stack
from orbit.dev.stack.processes import poll
from orbit.dev.stack.supervisor import Watch

pytestmark = pytest.mark.stack


def type_on_console(jasmin: Jasmin, *lines: str) -> str:
    """What the console answers to each line, until its prompt, all in one text."""
    with socket.create_connection((jasmin.jcli_host, jasmin.jcli_port), timeout=10) as console:
        answers = read_until(console, "required.")
        credentials = ((jasmin.jcli_username, "Password: "), (jasmin.jcli_password, "jcli : "))
        for line, end in (*credentials, *((line, (" : ", "> ")) for line in lines)):
            console.sendall(f"{line}\r\n".encode())
            answers += read_until(console, end)
    return answers


def read_until(console: socket.socket, end: str | tuple[str, ...]) -> str:
    text = ""
    while not text.rstrip("\r\n").endswith(end):
        data = console.recv(4096)
        assert data, f"the console hung up after {text!r}"
        text += data.decode(errors="replace")
    return text


def make_group(jasmin: Jasmin, gid: str) -> None:
    answers = type_on_console(jasmin, "group -a", f"gid {gid}", "ok", "persist")
    assert f"Successfully added Group [{gid}]" in answers


@pytest.mark.parametrize("gid", ["first", "second"])  # in any order, the later one finds it empty
def test_every_test_finds_an_empty_gateway(jasmin: Jasmin, gid: str) -> None:
    assert "Total Groups: 0" in type_on_console(jasmin, "group -l")
    assert {file.name for file in jasmin.store.iterdir()} <= {"lane"}
    make_group(jasmin, gid)
    assert list(jasmin.store.iterdir())


def test_a_killed_gateway_comes_back_where_it_was_with_what_it_had_saved(jasmin: Jasmin) -> None:
    make_group(jasmin, "saved")
    pid, address = jasmin.pid, (jasmin.jcli_port, jasmin.http_url, jasmin.smpp_port)
    jasmin.kill()
    assert not jasmin.is_running()
    assert not psutil.pid_exists(pid)
    jasmin.start()
    assert jasmin.pid != pid
    assert address == (jasmin.jcli_port, jasmin.http_url, jasmin.smpp_port)
    listed = poll(lambda: "#saved" in type_on_console(jasmin, "group -l"), timeout=20)
    assert listed


def test_a_stopped_gateway_is_gone_and_is_nobodys_to_start(jasmin: Jasmin) -> None:
    jasmin.supervised = True
    jasmin.stop()
    assert jasmin.pid is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((jasmin.jcli_host, jasmin.jcli_port))
    Watch(jasmin).look()
    assert not jasmin.is_running()


def test_an_unsupervised_gateway_stays_dead(jasmin: Jasmin) -> None:
    jasmin.kill()
    Watch(jasmin).look()
    assert not jasmin.is_running()


def test_a_supervised_gateway_that_was_killed_is_started_again(jasmin: Jasmin) -> None:
    jasmin.supervised = True
    pid = jasmin.pid
    jasmin.kill()
    assert poll(lambda: jasmin.pid not in (None, pid), timeout=30)


def test_log_files_hold_no_password(jasmin: Jasmin, stack: Stack) -> None:
    type_on_console(jasmin, "user -l")
    secrets = (stack.root / "passwords.json").read_text().split('"')[3::4]
    logs = [*jasmin.logs.iterdir(), *(stack.root / "logs").iterdir()]
    text = "".join(log.read_text(errors="replace") for log in logs)
    assert "Authentication" in text or "Jasmin" in text
    assert not [secret for secret in secrets if secret in text]
