"""Hosts that are addresses on loopback, where no namespaces may be made (as `namespaces.py`).

Whoever wants to reach one of these hosts comes through a gate of ours, which can be hushed.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import psutil

from tests.e2e.gate import Gate

T = TypeVar("T")
NET = "127.77.0"


class Address:
    """One host. `gates`: the ways to it. `pid`: of its gateway, once it is known."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.address = self.outside = f"{NET}.{number}"
        self.runner: tuple[str, ...] = ()
        self.gates: list[Gate] = []
        self.pid: Callable[[], int | None] = lambda: None

    def run(self, function: Callable[[], T]) -> T:
        return function()

    def gate(self, port: int) -> Gate:
        self.gates.append(Gate(port, host=self.address, listen=partial(_listen, self.address)))
        return self.gates[-1]

    def bring(self, port: int) -> None:
        """There is one loopback."""


class Addresses:
    def __init__(self, sites: tuple[str, ...], gateways: tuple[str, ...]) -> None:
        self.sites = {name: Address(name, 1 + place) for place, name in enumerate(sites)}
        self.gateways = {name: Address(name, 11 + place) for place, name in enumerate(gateways)}
        self.carriers = Address("carriers", 99)

    def __enter__(self) -> Addresses:
        return self

    def __exit__(self, *_: object) -> None:
        for host in (*self.gateways.values(), self.carriers):
            for each in host.gates:
                each.shut()

    def cut(self, host: Address, side: str) -> None:
        for gate, caller in self._ways(host, side):
            gate.hush(caller)

    def mend(self, host: Address, side: str) -> None:
        for gate, caller in self._ways(host, side):
            gate.speak(caller)

    def reach_carriers(self, port: int) -> tuple[str, int]:
        address = self.carriers.address
        listen = partial(_listen, address)
        gate = Gate(port, host=address, listen=listen, caller=self._caller)
        self.carriers.gates.append(gate)
        return address, gate.port

    def know(self, host: Address, pid: Callable[[], int | None]) -> None:
        """Connections to carriers that this process opens are this host's."""
        host.pid = pid

    def _ways(self, host: Address, side: str) -> list[tuple[Gate, str]]:
        if side == "site":
            return [(gate, "") for gate in host.gates]
        return [(gate, host.address) for gate in self.carriers.gates]

    def _caller(self, peer: tuple[str, int]) -> str:
        """The address of the gateway's host that has connected from there."""
        for host in self.gateways.values():
            with contextlib.suppress(psutil.Error, TypeError):
                opened = psutil.Process(host.pid()).net_connections("tcp4")
                if any(each.laddr == peer for each in opened):
                    return host.address
        return ""


def _listen(address: str, port: int) -> socket.socket:
    return socket.create_server((address, port))
