"""Measures how long each part of a pass takes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import pytest

from reconciler import desired, executor, loop, verification
from reconciler.gateway_client import gateway_console, password_probe, readiness
from reconciler.gateway_client.gateway_reader import GatewayReader
from reconciler.status import credential_status, run_history

PARTS: dict[str, tuple[tuple[object, str], ...]] = {
    "alive?": ((readiness, "check_alive"),),
    "login": ((gateway_console, "connect"),),
    "epoch": ((gateway_console, "wait_if_restarted"),),
    "desired": ((desired, "take_snapshot"), (desired, "build")),
    "actual": ((GatewayReader, "read"),),
    "passwords": ((password_probe, "probe_passwords"),),
    "diff, plan": ((loop, "diff"), (loop, "make_plan")),
    "safety": ((loop._Pass, "_refusal"),),
    "history": (
        (run_history, "begin"),
        (run_history, "finish"),
        (credential_status, "remember_addresses"),
    ),
    "apply": ((executor, "apply"),),
    "persist": ((executor, "persist"),),
    "verify": ((verification, "read_again"),),
    "statuses": ((loop._Pass, "_observe"),),
}


class Stopwatch:
    """Seconds by part in the thread that made it; a nested part counts for the outer one."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._thread = threading.get_ident()
        self._inside = False

    def wrap(self, part: str, function: Callable) -> Callable:
        def measured(*args: object, **kwargs: object) -> object:
            if self._inside or threading.get_ident() != self._thread:
                return function(*args, **kwargs)
            self._inside = True
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds[part] += time.perf_counter() - started
                self._inside = False

        return measured


@contextmanager
def measured_parts() -> Iterator[Stopwatch]:
    """Measure what a pass does inside this block."""
    watch = Stopwatch()
    with pytest.MonkeyPatch.context() as patch:
        for part, places in PARTS.items():
            for owner, name in places:
                patch.setattr(owner, name, watch.wrap(part, getattr(owner, name)))
        yield watch


def print_parts(watches: list[Stopwatch], totals: list[float]) -> None:
    """The medians of several passes, part by part."""
    whole = median(totals)
    for part in PARTS:
        seconds = median(watch.seconds[part] for watch in watches)
        print(f"    {part:<12}{seconds:7.3f} s  {seconds / whole:4.0%}")
    rest = median(
        total - watch.seconds.total() for watch, total in zip(watches, totals, strict=True)
    )
    print(f"    {'rest':<12}{rest:7.3f} s  {rest / whole:4.0%}")
