"""A site, its gateway and their servers, killed in many ways while messages go through."""

from __future__ import annotations

import os
import random
import signal
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from messaging.messages.models import Message
from orbit.api.models import IdempotentRequest
from orbit.dev.stack import Jasmin
from orbit.dev.stack.server import Server
from tests.e2e.messages.conftest import AMERICA, BRITAIN, FRANCE, GERMANY, MESSAGES, World
from tests.e2e.messages.dying_site import DyingSite

COUNTRIES = (FRANCE, AMERICA, GERMANY, BRITAIN)
CLIENTS = 4
GATEWAY = ("jasmin",)


class Kill(NamedTuple):
    kind: str
    begun: datetime
    ended: datetime


class Killer:
    """SIGKILL to a part of it all; what its supervisor would start again is started. `redis`: where
    the site has one that nobody else uses."""

    def __init__(self, site: DyingSite, jasmin: Jasmin, redis: Server | None = None) -> None:
        self.kills: list[Kill] = []
        self._ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "web": (lambda: _kill_all(site.web_workers()), _nothing),  # gunicorn looks after them
            "worker": (site.kill_worker, lambda: site.start_worker(wait=False)),
            "receiver": (site.kill_receiver, _nothing),  # DyingSite looks after it
            # The stack's supervisor, if there is one, waits longer after each kill.
            "jasmin": (jasmin.kill, lambda: jasmin.supervised or jasmin.start()),
        }
        if redis is not None:
            self._ways["redis"] = redis.kill, redis.start

    @property
    def kinds(self) -> Sequence[str]:
        return tuple(self._ways)

    def kill(self, kind: str) -> None:
        kill, start = self._ways[kind]
        begun = timezone.now()
        kill()
        self.kills.append(Kill(kind, begun, timezone.now()))
        start()

    def counts(self) -> dict[str, int]:
        return Counter(kill.kind for kill in self.kills)

    def blame(self, message: Message) -> str:
        """The kills of the gateway's parts while it was there, any of which may have lost it."""
        meanwhile = {
            kill.kind
            for kill in self.kills
            if kill.kind in GATEWAY
            and message.claimed_at <= kill.ended
            and kill.begun <= message.finished_at
        }
        return " and ".join(sorted(meanwhile)) or "no kill: its carrier hung up"


def _nothing() -> None:
    """It comes again by itself."""


def _kill_all(pids: Sequence[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


@contextmanager
def sending(world: World, number: int, *, first: int = 0) -> Iterator[list[str]]:
    """`number` messages with the texts "0", "1", … (from `first` on) are posted meanwhile, each
    until it is answered; yields the ids."""
    ids: list[str] = []
    stopped = threading.Event()

    def post(text: int) -> None:
        try:
            ids.append(_post(world, str(text), COUNTRIES[text % len(COUNTRIES)], stopped))
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as clients:
        posts = [clients.submit(post, text) for text in range(first, first + number)]
        try:
            yield ids
        except BaseException:
            stopped.set()
            clients.shutdown(cancel_futures=True)
            raise
    for each in posts:
        each.result()


def _post(world: World, text: str, to: str, stopped: threading.Event) -> str:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"to": to, "from": "+33700000001", "body": text}
    while not stopped.wait(0.01):
        try:
            answer = world.api.post(f"{MESSAGES}/sms", body, headers=headers)
        except OSError:
            continue  # whoever was to answer is dead
        if answer.status == 202:
            return answer.data["id"]
        assert answer.code == "IDEMPOTENCY_IN_PROGRESS", answer.body
        # The dead one's claim on the key is a minute old at once.
        IdempotentRequest.objects.filter(answered_at=None, key=headers["Idempotency-Key"]).update(
            leased_until=timezone.now()
        )
    raise AssertionError("the test has ended")


def seed(variable: str) -> random.Random:
    """Printed; set the variable to have the same moments again."""
    chosen = int(os.environ.get(variable) or random.randrange(10**6))
    print(f"{variable}={chosen}")
    return random.Random(chosen)


def assert_at_most_once_and_told_right(world: World, ids: list[str]) -> Counter[tuple[str, str]]:
    """Of messages that are over; (status, code) of all."""
    rows = {message.pk: message for message in Message.objects.all()}
    assert set(ids) == set(rows), "one that was answered is lost, or one is there twice"
    taken = world.texts()
    assert {text: times for text, times in taken.items() if times > 1} == {}
    ends = Counter((row.status, row.error_code) for row in rows.values())
    wrong = [
        (row.pk, row.status, row.body in taken, row.events)
        for row in rows.values()
        if (row.status, row.error_code) not in {("delivered", ""), *UNKNOWN}
        or (row.status == "delivered" and row.body not in taken)
    ]
    assert wrong == [], ends
    return ends


UNKNOWN = {
    ("submitted_no_receipt", "OUTCOME_UNKNOWN"),
    ("submitted_no_receipt", "NO_RECEIPT"),  # the carrier's answer came, its receipt did not
}
