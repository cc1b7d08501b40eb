"""Messages with receipts, and texts of phones, at a steady pace; and what has become of all."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from messaging.inbound.models import InboundPdu
from messaging.messages import services
from messaging.messages.dispatch import enqueue
from messaging.messages.models import Message
from messaging.receipts.models import Part, StrayReceipt
from messaging.smpp.protocol.message_ids import id_key
from orbit.accounts.models import Organization
from orbit.dev.simulator import delivery_queue
from orbit.dev.simulator.deliveries import Delivery, Receipt, Text
from tests.e2e.messages.conftest import FRANCE, World, all_over
from tests.e2e.messages.killing import UNKNOWN
from tests.e2e.waiting import eventually

TICK = 0.1  # seconds
PATIENCE = float(os.environ.get("LOSSES_PATIENCE", "400"))  # seconds, until all is told
SENDER = "+33700000001"


class Acknowledged:
    """What the carrier heard ESME_ROK for: `receipts` by message id, `texts` by their user data, in
    Latin-1."""

    def __init__(self) -> None:
        self.receipts: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()

    def note(self, delivery: Delivery) -> None:
        if isinstance(delivery, Receipt):
            self.receipts[delivery.submit.receipt_id] += 1
        elif isinstance(delivery, Text):
            self.texts[delivery.fields["short_message"].decode("latin-1")] += 1


@contextmanager
def acknowledged() -> Iterator[Acknowledged]:
    found, answered = Acknowledged(), delivery_queue.answered

    def noted(system: object, delivery: Delivery, session: object, status: int) -> None:
        if status == 0:
            found.note(delivery)
        answered(system, delivery, session, status)

    delivery_queue.answered = noted
    try:
        yield found
    finally:
        delivery_queue.answered = answered


class Load:
    """`rate` messages and `texts` texts a second until it is stopped; numbered from 0."""

    def __init__(self, world: World, owner: Organization, rate: int, texts: int) -> None:
        self.messages = self.texts = 0
        self._world, self._owner = world, owner
        self._rate, self._texts = rate, texts
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._begun = 0.0
        self.seconds = 0.0

    def start(self) -> None:
        self._begun = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        if not self._stopped.is_set():
            self._stopped.set()
            self._thread.join()
            self.seconds = time.monotonic() - self._begun

    def _run(self) -> None:
        try:
            while not self._stopped.wait(TICK):
                passed = time.monotonic() - self._begun
                self._send(int(self._rate * passed))
                self._receive(int(self._texts * passed))
        finally:
            connection.close()

    def _send(self, until: int) -> None:
        made = [
            services.build(
                organization_id=self._owner.pk, to=FRANCE, body=str(number), sender=SENDER
            )
            for number in range(self.messages, until)
        ]
        Message.objects.bulk_create(made)
        self.messages = until
        enqueue.wake(self._owner.pk)

    def _receive(self, until: int) -> None:
        names = list(self._world.carriers)
        for number in range(self.texts, until):
            self._world.smsc.deliver(
                names[number % len(names)],
                source_addr=FRANCE[1:],
                destination_addr=SENDER[1:],
                short_message=f"text {number}".encode(),
            )
        self.texts = until


@contextmanager
def loaded(
    world: World, owner: Organization, *, rate: int = 300, texts: int = 30
) -> Iterator[Load]:
    """Runs meanwhile; at the end of the block every message and text has come to its end."""
    load = Load(world, owner, rate, texts)
    load.start()
    try:
        yield load
    finally:
        load.stop()
    all_over(timeout=PATIENCE)
    eventually(lambda: not any(on_their_way(world, name) for name in world.carriers), timeout=120)


def on_their_way(world: World, name: str) -> int:
    """Receipts and texts that no bind has acknowledged yet."""
    system = world.smsc.system(name)
    return len(system.waiting) + sum(len(each._unanswered._waiting) for each in system.sessions)


def assert_none_lost_none_twice(
    world: World, load: Load, seen: Acknowledged, *, unknown: int
) -> Counter[str]:
    """`unknown`: of how many messages at most nobody may know what became."""
    rows = list(Message.objects.values_list("body", "status", "error_code", "events"))
    ends = Counter((status, code) for _, status, code, _ in rows)
    taken = world.texts()
    print(
        f"{load.messages} messages and {load.texts} texts in {load.seconds:.0f} s "
        f"({load.messages / load.seconds:.0f}/s): {dict(ends)}; at the carrier {len(taken)}, "
        f"acknowledged {len(seen.receipts)} receipts and {len(seen.texts)} texts"
    )
    assert len(rows) == load.messages
    assert {text: times for text, times in taken.items() if times > 1} == {}
    assert set(ends) <= {("delivered", ""), *UNKNOWN}
    assert sum(ends[each] for each in UNKNOWN) <= unknown
    assert [row for row in rows if row[1] == "delivered" and row[0] not in taken] == []
    assert [row for row in rows if _ended(row[3]) != 1] == []
    _assert_kept(seen)
    return ends


def _ended(events: list[dict]) -> int:
    return sum(each["status"] in ("delivered", "submitted_no_receipt") for each in events)


def _assert_kept(seen: Acknowledged) -> None:
    """Each text is one row; each receipt is its part's, or kept beside since its submit's answer
    was lost."""
    parts = Part.objects.exclude(state="").exclude(id_key="").values_list("id_key", flat=True)
    strays = Counter(id_key(each.ids[0]) for each in StrayReceipt.objects.all() if each.ids)
    there, keys = Counter(parts), Counter({id_key(each): n for each, n in seen.receipts.items()})
    print(f"receipts of parts {len(there)}, strays {len(strays)} ({sum(strays.values())} rows)")
    assert {key: n for key, n in there.items() if n > 1} == {}
    assert [key for key in keys if key not in there and key not in strays] == []
    assert {key: n for key, n in keys.items() if strays[key] > 1} == {}
    rows = Counter(bytes.fromhex(each).decode("latin-1") for each in _octets())
    assert {text: n for text, n in rows.items() if n > 1} == {}
    assert [text for text in seen.texts if text not in rows] == []


def _octets() -> list[str]:
    return list(InboundPdu.objects.values_list("octets", flat=True))
