"""Messages of many organisations at a steady pace, and what became of each."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from messaging.messages.models import Message
from tests.e2e.fleet.tenant import Tenant
from tests.e2e.messages.killing import UNKNOWN
from tests.e2e.waiting import eventually

TICK = 0.5  # seconds


class Load:
    """`rate` messages a second of all tenants together, in a batch each, until it is stopped."""

    def __init__(self, tenants: Sequence[Tenant], rate: int) -> None:
        self._tenants, self._rate = tenants, rate
        self._stopped = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self.seconds = 0.0

    @property
    def sent(self) -> int:
        return sum(each.sent for each in self._tenants)

    @property
    def taken(self) -> int:
        return sum(len(each.taken()) for each in self._tenants)

    def start(self) -> None:
        self._begun = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
        self.seconds = time.monotonic() - self._begun
        if self._error is not None:
            raise self._error

    def go_on_for(self, seconds: float) -> None:
        """Until the carriers have got the messages of so many seconds more."""
        until = self.taken + int(seconds * self._rate)
        eventually(lambda: self.taken >= until or self._error, timeout=10 * seconds + 60)

    def _run(self) -> None:
        try:
            while not self._stopped.wait(TICK):
                due = int(self._rate * (time.monotonic() - self._begun)) - self.sent
                each = due // len(self._tenants)
                for tenant in self._tenants:
                    if each > 0:
                        tenant.send(min(each, 1000))
        except BaseException as error:  # told by `stop`
            self._error = error


@contextmanager
def loaded(tenants: Sequence[Tenant], rate: int, *, patience: float = 800) -> Iterator[Load]:
    """Runs meanwhile; at the end of the block every message has come to its end."""
    load = Load(tenants, rate)
    load.start()
    try:
        yield load
    finally:
        load.stop()
    for each in tenants:
        each.all_over(timeout=patience)


def assert_none_lost_none_twice(tenants: Sequence[Tenant], load: Load, *, unknown: int) -> int:
    """`unknown`: of how many messages at most nobody may know what became. Returns how many."""
    ends: Counter[tuple[str, str]] = Counter()
    for each in tenants:
        rows = list(
            Message.objects.filter(organization=each.organization).values_list(
                "body", "status", "error_code"
            )
        )
        taken = each.texts()
        assert len(rows) == each.sent
        assert {text: times for text, times in taken.items() if times > 1} == {}
        assert [row for row in rows if row[1] == "delivered" and row[0] not in taken] == []
        ends.update((status, code) for _, status, code in rows)
    found = sum(ends[each] for each in UNKNOWN)
    print(
        f"{load.sent} messages in {load.seconds:.0f} s ({load.sent / load.seconds:.0f}/s): "
        f"{dict(ends)}; at the carriers {load.taken}"
    )
    assert set(ends) <= {("delivered", ""), *UNKNOWN}
    assert found <= unknown
    return found


def lateness(tenants: Sequence[Tenant]) -> list[float]:
    """Seconds from a message's POST until its carrier had it, in ascending order."""
    found = []
    for each in tenants:
        made = dict(
            Message.objects.filter(organization=each.organization).values_list("body", "created_at")
        )
        found += [submit.taken - made[submit.text].timestamp() for submit in each.taken()]
    return sorted(found)


def share(values: Sequence[float], part: float) -> float:
    """The nearest-rank percentile of ascending values."""
    return values[max(0, math.ceil(part * len(values)) - 1)]


def first_by_another(tenants: Sequence[Tenant], address: str, since: float) -> Callable[[], float]:
    """Looks for the first message after `since` that did not come from this host, for each of the
    tenants; returns the time of the last of these firsts, 0 until there are all."""

    def look() -> float:
        firsts = [_first(each, address, since) for each in tenants]
        return max(firsts) if all(firsts) else 0.0

    return look


def _first(tenant: Tenant, address: str, since: float) -> float:
    others = (
        each.taken
        for each in reversed(tenant.taken())
        if each.taken > since and not each.peer.startswith(f"{address}:")
    )
    return min(others, default=0.0)
