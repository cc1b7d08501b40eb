"""What a live trace costs: the lane without one, with one that is masked, and with texts, in turns.

The trace is read each second, as a page that somebody looks at does. Compare within one run: the
rows take turns on a machine that others may use. CPU is jasmind's alone.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import pytest

from orbit.dev.stack import Stack
from reconciler.gateway_client.operator_client import OperatorClient
from reconciler.models import Gateway
from reconciler.traces.following import READS_MEANWHILE
from tests.benchmarks.carrier import PASSWORD, Carrier, ask
from tests.benchmarks.cpu import Cpu
from tests.benchmarks.sending_paths import LanePath, Load
from tests.benchmarks.test_wire import client, load  # noqa: F401 - fixtures
from tests.reconciler.launcher.jasmin_client import JasminClient

pytestmark = pytest.mark.stack

ROUNDS = int(os.environ.get("TRACE_ROUNDS", 7))
MESSAGES = int(os.environ.get("TRACE_MESSAGES", 6_000))
WINDOW = 50
OFF, MASKED, TEXTS = "no trace", "masked", "with texts"


class Tracer:
    def __init__(self, jasmin_client: JasminClient) -> None:
        jasmin = jasmin_client.jasmin
        self._client = OperatorClient(
            Gateway(
                http_url=jasmin.http_url,
                jcli_username=jasmin.jcli_username,
                jcli_password=jasmin.jcli_password,
            )
        )

    @contextmanager
    def tracing(self, cid: str, kind: str) -> Iterator[Callable[[], tuple[int, int]]]:
        """How many PDUs were read, and how many there were."""
        if kind == OFF:
            yield lambda: (0, 0)
            return
        id, is_over, read = secrets.token_hex(8), threading.Event(), [0, 0, 0]
        said = self._client.start_trace(id, cid, 600, texts=kind == TEXTS)
        assert said.state == "on", said

        def look() -> None:
            while not is_over.wait(1.0):
                self._look(id, read)

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield lambda: (read[0], read[2])
        finally:
            is_over.set()
            thread.join()
            self._client.stop_trace(id)

    def _look(self, id: str, read: list[int]) -> None:
        for _ in range(READS_MEANWHILE):
            said = self._client.read_trace(id, read[1])
            read[0], read[2] = read[0] + len(said.pdus), said.last
            if not said.pdus:
                return
            read[1] = said.pdus[-1].number


def test_trace(
    client: JasminClient,  # noqa: F811
    load: Load,  # noqa: F811
    carrier: Carrier,
    stack: Stack,
) -> None:
    account = f"t{secrets.token_hex(3)}"
    ask(carrier, "PUT", f"/systems/{account}", {"password": PASSWORD})
    path, tracer = LanePath(client, carrier, load), Tracer(client)
    path.start(account, WINDOW)
    path.send(MESSAGES)  # warm
    found: dict[str, list[tuple[float, float]]] = {OFF: [], MASKED: [], TEXTS: []}
    for _ in range(ROUNDS):
        for kind, rows in found.items():
            with tracer.tracing(path.cid, kind) as seen:
                cpu = Cpu({"jasmind": path.pids()["jasmind"]})
                run = path.send(MESSAGES)
                used = cpu.used()["jasmind"] * 1000 / MESSAGES
            rows.append((MESSAGES / (run.last_report - run.started), used))
            print(f"  {kind:<11} {rows[-1][0]:7.0f}/s {used:6.3f} ms  read {seen()}", flush=True)
    path.stop()
    print(f"\n\nA trace, medians of {ROUNDS} rounds of {MESSAGES} messages with receipts")
    rate, cost = (median(each[place] for each in found[OFF]) for place in (0, 1))
    for kind, rows in found.items():
        its_rate, its_cost = (median(each[place] for each in rows) for place in (0, 1))
        print(
            f"  {kind:<11} {its_rate:7.0f}/s {its_rate / rate - 1:+6.1%}"
            f"   {its_cost:6.3f} ms a message {its_cost / cost - 1:+6.1%}"
        )
