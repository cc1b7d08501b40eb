"""A private network of Linux namespaces, which the machine's own network never sees.

Each host is a namespace with two cables, each to a bridge in a further namespace: `site` (the
site's processes and the gateways' doors) and `carriers`. A cut takes the cable's end off its
bridge: both ends still have a link, and what they send gets lost.

A namespace belongs to a thread of this process. It has no name and no mount, so it is gone with
the thread and the last program in it, also after a kill -9.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tests.e2e.gate import Gate

T = TypeVar("T")
CLONE_NEWNET = 0x40000000
NETS = {"site": "10.77.0", "carriers": "10.78.0"}


def may_be_made() -> bool:
    return (
        sys.platform == "linux"
        and os.geteuid() == 0
        and all(shutil.which(each) for each in ("ip", "nsenter"))
    )


class Namespace:
    """One host. `address`: on the site's side; `outside`: on the carriers'. `runner`: what runs a
    program on it."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.number = name, number
        self.address, self.outside = (f"{net}.{number}" for net in NETS.values())
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"host {name}")
        self.thread_id = self.run(_leave_the_machines_network)
        self.runner = ("nsenter", f"--net=/proc/{self.thread_id}/ns/net")
        self._gates: list[Gate] = []
        self.ip("link set lo up")

    def run(self, function: Callable[[], T]) -> T:
        """What `function` returns; the sockets and processes that it makes are on this host."""
        return self._thread.submit(function).result()

    def ip(self, *commands: str) -> None:
        batch = "\n".join(commands)
        run = ["ip", "-batch", "-"]
        done = self.run(
            lambda: subprocess.run(run, input=batch, text=True, capture_output=True, check=False)
        )
        assert done.returncode == 0, done.stderr

    def gate(self, port: int) -> Gate:
        """A way to a port of this host, on this host: so are the threads of the gate."""
        address = self.address

        def listen(at: int) -> socket.socket:
            return socket.create_server((address, at))

        return self._keep(self.run(lambda: Gate(port, host=address, listen=listen)))

    def bring(self, port: int) -> None:
        """Have 127.0.0.1:`port` here lead to the one of the tests' own machine."""

        def listen(_: int) -> socket.socket:
            return self.run(lambda: socket.create_server(("127.0.0.1", port)))

        self._keep(Gate(port, listen=listen))

    def close(self) -> None:
        for each in self._gates:
            each.shut()
        self._thread.shutdown()

    def _keep(self, gate: Gate) -> Gate:
        self._gates.append(gate)
        return gate


class Namespaces:
    """The hosts and the bridges between them; closed at the end of `with`."""

    def __init__(self, sites: tuple[str, ...], gateways: tuple[str, ...]) -> None:
        self._switch = Namespace("switch", 0)
        self._switch.ip(
            *(f"link add name {side} type bridge" for side in NETS),
            *(f"link set {side} up" for side in NETS),
        )
        self.sites = {name: self._host(name, 1 + place) for place, name in enumerate(sites)}
        self.gateways = {name: self._host(name, 11 + place) for place, name in enumerate(gateways)}
        self.carriers = self._host("carriers", 99)

    def __enter__(self) -> Namespaces:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (*self.sites.values(), *self.gateways.values(), self.carriers, self._switch):
            each.close()

    def cut(self, host: Namespace, side: str) -> None:
        self._switch.ip(f"link set {side}-{host.number} nomaster")

    def mend(self, host: Namespace, side: str) -> None:
        self._switch.ip(f"link set {side}-{host.number} master {side}")

    def reach_carriers(self, port: int) -> tuple[str, int]:
        """Where gateways find this port of the carriers' host."""
        return self.carriers.outside, port

    def know(self, host: Namespace, pid: Callable[[], int | None]) -> None:
        """What comes from a host has its address already."""

    def _host(self, name: str, number: int) -> Namespace:
        host = Namespace(name, number)
        ends = {side: f"{side}-{number}" for side in NETS}
        self._switch.ip(
            *(
                f"link add name {end} type veth peer name {side} netns {host.thread_id}"
                for side, end in ends.items()
            ),
            *(f"link set {end} master {side} up" for side, end in ends.items()),
        )
        host.ip(
            *(f"addr add {net}.{number}/24 dev {side}" for side, net in NETS.items()),
            *(f"link set {side} up" for side in NETS),
        )
        return host


def _leave_the_machines_network() -> int:
    """This thread alone; its children come with it. Returns its id."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    return threading.get_native_id()
