"""Texts of phones, three of ten in two parts, to a webhook: how long each took.

From the moment when the carrier is asked to send (its last part too: both go at once) until the
first octets of the webhook's request are there.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from urllib.request import urlopen

from orbit.dev.stack.processes import poll
from tests.benchmarks.cpu import Cpu
from tests.benchmarks.road import sizes
from tests.benchmarks.road.cpu_yardstick import yardstick
from tests.benchmarks.two_way.world import CODES, HERE, World, own, receive, until

AIM = 1.0  # seconds, p99
LONG = 200  # characters, of a text in two parts
WARM_UP = 20  # texts before


def measure(world: World) -> None:
    count = sizes.TEXTS * sizes.TEXTS_SECONDS
    texts = [(f"3363{n:07}", _text(n)) for n in range(count)]
    with _sink(world) as sink:
        tenant = world.tenant("FR")
        receive(tenant, "FR")
        hook = {"url": f"{sink}/hook", "events": ["message.received"]}
        assert tenant.api.post("/v1/webhooks", hook).status == 201
        order = {
            "control": world.carrier.control,
            "system": tenant.accounts[0],
            "to": CODES[0],
            "pace": sizes.TEXTS,
        }
        world.run("text_load.py", order | {"texts": [("33700000000", "first")] * WARM_UP})
        until(lambda: _count(sink) >= WARM_UP)

        cpu, began = Cpu(world.pids()), time.time()
        yardsticks = [yardstick()]
        said = world.run("text_load.py", order | {"texts": texts})
        yardsticks.append(yardstick())
        until(lambda: _count(sink) >= WARM_UP + count)
        lasted, used = time.time() - began, cpu.used()
        time.sleep(1.0)  # for a request that would come twice
        posts = _asked(sink, "/posts")[WARM_UP:]
    came = {text: at for at, _, text in posts}
    assert sorted(text for _, _, text in posts) == sorted(text for _, text in texts)
    assert len({event for _, event, _ in posts}) == count
    took = [came[text] - at for at, (_, text) in zip(said["sent"], texts, strict=True)]
    _print(took, used, said["late"], lasted, yardsticks)


def _text(n: int) -> str:
    return f"Text {n:06}".ljust(LONG, ".") if n % 10 < 3 else f"Text {n:06}"


def _print(
    took: list[float],
    used: dict[str, float],
    late: float,
    lasted: float,
    yardsticks: list[float],
) -> None:
    cuts = quantiles(took, n=100, method="inclusive")
    print(
        f"\n\nTexts of phones, {sizes.TEXTS}/s for {sizes.TEXTS_SECONDS} s, three of ten in parts:"
    )
    print("  from deliver_sm at the carrier to the webhook's request, seconds")
    print(f"  p50 {cuts[49]:.2f}   p95 {cuts[94]:.2f}   p99 {cuts[98]:.2f} (aim: {AIM:g})", end="")
    print(f"   longest {max(took):.2f}; {len(took) / lasted:.0f}/s from first to last")
    half = len(took) // 2
    print(
        f"  p50 of the first half {median(took[:half]):.2f}, of the last {median(took[half:]):.2f}"
    )
    print(f"  the load was late by {late:.2f} s at most; yardstick {median(yardsticks):.1f} ms")
    print(f"  CPU ms a text: {own(used, len(took))}", flush=True)


@contextmanager
def _sink(world: World) -> Iterator[str]:
    """The URL of a receiver of webhooks."""
    log = world.stack.root / "logs" / "two-way-hooks.log"
    process = world.stack.spawn("two-way-hooks", [sys.executable, HERE / "hook_sink.py"], env={})
    try:
        assert poll(lambda: log.read_text().endswith("\n"), timeout=60)
        yield f"http://127.0.0.1:{log.read_text().split()[-1]}"
    finally:
        process.kill()


def _count(sink: str) -> int:
    return _asked(sink, "/count")


def _asked(sink: str, path: str) -> object:
    with urlopen(f"{sink}{path}") as answer:
        return json.load(answer)
