"""The private network of a fleet: what is cut is silent, and a kill leaves nothing of it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orbit.dev.stack.jasmin import PROJECT
from orbit.dev.stack.processes import poll
from tests.e2e.fleet import namespaces
from tests.e2e.fleet.addresses import Addresses
from tests.e2e.fleet.namespaces import Namespaces
from tests.e2e.fleet.network import Network
from tests.e2e.gate import Gate

MAY = pytest.mark.skipif(not namespaces.may_be_made(), reason="as root, with `ip`")
HOLDER = """
import os, sys
from tests.e2e.fleet.namespaces import Namespaces
network = Namespaces(("site-1",), ("oslo",))
hosts = [network.sites["site-1"], network.gateways["oslo"], network.carriers, network._switch]
print(*(os.stat(f"/proc/{each.thread_id}/ns/net").st_ino for each in hosts), flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=[pytest.param(Namespaces, marks=MAY), Addresses])
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    with request.param(("site-1",), ("oslo", "lima")) as made:
        yield made


class Echo:
    """A server on a host that says what it was told."""

    def __init__(self, network: Network, name: str) -> None:
        self.host = network.gateways[name]
        self._listener = self.host.run(lambda: socket.create_server((self.host.address, 0)))
        self.gate: Gate = self.host.gate(self._listener.getsockname()[1])

    def __enter__(self) -> Echo:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def answers(self, network: Network, seconds: float = 0.2) -> bool:
        site = network.sites["site-1"]
        try:
            client = site.run(
                lambda: socket.create_connection((self.host.address, self.gate.port), seconds)
            )
        except OSError:
            return False
        word = os.urandom(5)
        with client, contextlib.suppress(OSError):
            client.sendall(word)
            self._listener.settimeout(seconds)
            while True:  # calls before it that came too late stand first
                here, _ = self._listener.accept()
                with here:
                    here.settimeout(seconds)
                    if here.recv(10) == word:
                        return True
        return False


def test_a_host_that_is_cut_off_is_silent_until_it_is_mended_and_others_hear(
    network: Network,
) -> None:
    with Echo(network, "oslo") as oslo, Echo(network, "lima") as lima:
        assert poll(lambda: oslo.answers(network) and lima.answers(network), timeout=60)
        network.cut(oslo.host, "site")

        assert not oslo.answers(network)
        assert poll(lambda: lima.answers(network), timeout=60)
        network.mend(oslo.host, "site")
        assert poll(lambda: oslo.answers(network), timeout=60)


@MAY
def test_the_machines_own_network_never_sees_it_and_a_kill_leaves_nothing() -> None:
    links = _links()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        made = {int(each) for each in holder.stdout.readline().split()}
        assert len(made) == 4
        assert made <= _namespaces()
        assert _links() == links
        holder.kill()
        holder.wait()
    assert poll(lambda: not made & _namespaces(), timeout=60)


def _links() -> list[str]:
    return sorted(each.name for each in Path("/sys/class/net").iterdir())


def _namespaces() -> set[int]:
    """Those of every thread on this machine."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/task/*/ns/net"):
        try:
            found.add(os.stat(path).st_ino)
        except OSError:
            continue  # it has ended
    return found
