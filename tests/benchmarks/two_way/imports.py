"""A list of opt-outs by one request: seconds, memory of the web's processes, and when the
gateway has them."""

from __future__ import annotations

import threading
import time

import psutil

from messaging.opt_outs.models import OptOut
from orbit.accounts.models import Organization
from reconciler.gateway_client.operator_client import OperatorClient
from tests.benchmarks.cpu import Cpu
from tests.benchmarks.road import sizes
from tests.benchmarks.two_way.world import World, own, until
from tests.e2e.api import Api
from tests.factories import make_api_key
from tests.reconciler.conftest import make_tenant

AIM = 30.0  # seconds
IMPORT = "/v1/opt-outs/import"
TICK = 0.1  # seconds
MEGABYTE = 1_000_000


class Memory(threading.Thread):
    """The most that any process of a tree has, in octets, until `end`; `before`: at the start."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        root, self._over = psutil.Process(pid), threading.Event()
        self._tree = [root, *root.children(recursive=True)]
        self.before = self.most = self._now()
        self.start()

    def run(self) -> None:
        while not self._over.wait(TICK):
            self.most = max(self.most, self._now())

    def end(self) -> None:
        self._over.set()
        self.join()

    def _now(self) -> int:
        return max(each.memory_info().rss for each in self._tree)


def rows(count: int, *, first: int = 0) -> bytes:
    """CSV of so many numbers, none in its order."""
    numbers = (f"+336{30_000_000 + (first + n * 7919) % 60_000_000}" for n in range(count))
    return ("number\n" + "\n".join(numbers) + "\n").encode()


def load(api: Api, count: int) -> None:
    headers = {"Content-Type": "text/csv"}
    answer = api.post(IMPORT, rows(count), headers=headers, timeout=sizes.PATIENCE)
    assert (answer.status, answer.data["added"]) == (200, count), answer.body[:500]


def measure(world: World) -> None:
    organization = make_tenant(world.gateway)
    api = Api(world.site.url, make_api_key(organization).secret)
    print(f"\n\n{sizes.IMPORT} opt-outs imported by one request")
    heads = ("seconds", "MB before", "MB most")
    print(f"  {'':<22}" + "".join(f"{head:>12}" for head in heads) + "  CPU ms a row")
    for name in ("onto an empty list", "the same once more"):
        memory, cpu, began = Memory(world.site.pids()["web"][0]), Cpu(world.pids()), time.time()
        headers = {"Content-Type": "text/csv"}
        answer = api.post(IMPORT, rows(sizes.IMPORT), headers=headers, timeout=sizes.PATIENCE)
        took, used = time.time() - began, cpu.used()
        memory.end()
        assert answer.status == 200, answer.body[:500]
        if name == "onto an empty list":
            assert answer.data["added"] == sizes.IMPORT
            organization.refresh_from_db()
            until(lambda: _copied(world, organization))
            copied = time.time() - began - took
        cells = (took, memory.before / MEGABYTE, memory.most / MEGABYTE)
        print(f"  {name:<22}" + "".join(f"{cell:>12.1f}" for cell in cells), end="  ")
        print(own(used, sizes.IMPORT), flush=True)
    print(f"  aim: {AIM:g} s. At the gateway {copied:.1f} s after the answer")
    assert OptOut.objects.filter(organization=organization).count() == sizes.IMPORT


def _copied(world: World, organization: Organization) -> bool:
    """Whether the gateway has the whole list."""
    client = OperatorClient(world.gateway)
    user = organization.gateway_key
    try:
        listed = client.opt_out_lists([user]).by_user.get(user)
    finally:
        client.close()
    return listed is not None and listed.version == organization.opt_outs
