"""Prints what a message costs on its way back: log page, parts, transitions, webhook events.

In this process and the database's: `ms` of CPU a message, statements a page. Answers and receipts
come in pages of `MOST` records, once apart and once in the same pages; with and without a webhook.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from django.db import connection
from django.utils import timezone

from messaging.messages.history import ATTEMPT
from messaging.messages.models import Message
from messaging.reports.models import Part
from messaging.smpp.protocol.pdu import write
from messaging.webhooks.models import Webhook
from orbit import garbage
from orbit.accounts.models import Organization
from orbit.ids import new_id
from reconciler import log_offsets
from reconciler.log_client import MOST, LogClient
from reconciler.models import Gateway
from tests.factories import make_organization
from tests.messaging.messages.dispatch.conftest import make_carrier

MESSAGES = 5_000
TEXT = (
    "id:{id} sub:001 dlvrd:001 submit date:2601010101 done date:2601010102 stat:DELIVRD err:000 "
    "text:hello"
)


@pytest.fixture(autouse=True)
def _as_in_the_receiver() -> Iterator[None]:
    before = gc.get_threshold()
    garbage.settle()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


class Costs:
    """Of what happens in `of`: statements, milliseconds of CPU here and in the backend, WAL."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._backend = psutil.Process(cursor.fetchone()[0])
        self.statements = 0

    @contextmanager
    def of(self, what: str, messages: int, pages: int) -> Iterator[None]:
        self.statements, wal = 0, self._wal()
        here, there, begun = time.process_time(), self._database(), time.perf_counter()
        with connection.execute_wrapper(self._count):
            yield
        python = (time.process_time() - here) * 1000 / messages
        database = (self._database() - there) * 1000 / messages
        rate = messages / (time.perf_counter() - begun)
        print(
            f"    {what:<34}{python:7.3f} ms Python{database:8.3f} ms PostgreSQL"
            f"{self.statements / pages:7.1f} statements a page"
            f"{(self._wal() - wal) / messages / 1000:7.1f} kB of WAL{rate:8.0f}/s"
        )

    def _count(self, execute: Any, *args: Any) -> Any:
        self.statements += 1
        return execute(*args)

    def _database(self) -> float:
        times = self._backend.cpu_times()
        return times.user + times.system

    def _wal(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
            return int(cursor.fetchone()[0])


class Way:
    """Messages that a gateway has, and the pages of its log that tell of them."""

    def __init__(self, organization: Organization, gateway: Gateway) -> None:
        self.organization, self.gateway = organization, gateway
        self.carrier = make_carrier(organization)
        self._number = 0

    def messages(self, count: int, prefix: str) -> list[dict[str, Any]]:
        """An answer and a receipt of each, in pairs."""
        now = timezone.now()
        stamp = "2026-01-01T00:00:00.000Z"
        made = [
            Message(
                organization=self.organization,
                to=f"+336{number:08}",
                country="FR",
                sender="ACME",
                body="hello",
                encoding="gsm7",
                segments=1,
                status="sending",
                wanted_sender="ACME",
                carrier=self.carrier,
                credential_id=self.carrier.credential_id,
                attempt=1,
                lane="a" * 32,
                claimed_at=now,
                taken_at=now,
                metadata={},
                events=[
                    {"status": "queued", "at": stamp, "detail": ""},
                    {"status": "sending", "at": stamp, "detail": f"{ATTEMPT}north"},
                ],
            )
            for number in range(count)
        ]
        Message.objects.bulk_create(made, batch_size=1000)
        found = []
        for number, message in enumerate(made):
            about = {"cid": self.carrier.credential.gateway_key, "account": "account-1"}
            answer = {
                "kind": "answer",
                "token": f"{message.pk}.1",
                "part": 0,
                "parts": 1,
                "status": 0,
                "id": f"{prefix}{number:08}",
            }
            raw = write(
                "deliver_sm",
                sequence=number,
                esm_class=4,
                source_addr=message.to[1:],
                destination_addr="ACME",
                short_message=TEXT.format(id=f"{prefix}{number:08}").encode(),
            )
            receipt = {"kind": "deliver", "session": "s1", "access": False, "raw": raw.hex()}
            found += [answer | about, receipt | about]
        return found

    def bodies(self, records: list[dict[str, Any]]) -> list[bytes]:
        """As the gateway answers."""
        for record in records:
            self._number += 1
            record["n"], record["at"] = self._number, time.time()
        pages = [records[start : start + MOST] for start in range(0, len(records), MOST)]
        return [
            json.dumps({"log": "log-1", "last": self._number, "records": page}).encode()
            for page in pages
        ]

    def read(self, bodies: list[bytes]) -> None:
        client, row = LogClient(self.gateway), log_offsets.of(self.gateway)
        for body in bodies:
            log_offsets.keep(row, client._page(body, row.offset))


@pytest.mark.stack
@pytest.mark.parametrize("hook", [False, True], ids=["nobody listens", "a webhook"])
def test_what_a_message_costs_on_its_way_back(transactional_db: None, hook: bool) -> None:
    organization = make_organization()
    gateway = Gateway.objects.create(
        name="main", jcli_host="192.0.2.1", http_url="http://192.0.2.1", capabilities=["lane"]
    )
    way, costs = Way(organization, gateway), Costs()
    if hook:
        Webhook.objects.create(
            id=new_id("wh"),
            organization=organization,
            url="https://192.0.2.1/hook",
            events=["*"],
            secret_set_at=timezone.now(),
        )
    print(f"\n{MESSAGES} messages, {'a webhook' if hook else 'nobody listens'}:")
    records = way.messages(MESSAGES, "A1B")
    for what, start in (("answers", 0), ("receipts", 1)):
        bodies = way.bodies(records[start::2])
        with costs.of(f"pages of {what}", MESSAGES, len(bodies)):
            way.read(bodies)
    bodies = way.bodies(way.messages(MESSAGES, "B2C"))
    with costs.of("both in the same pages", MESSAGES, len(bodies)):
        way.read(bodies)
    assert Message.objects.filter(status="delivered").count() == 2 * MESSAGES
    assert Part.objects.filter(state="delivered").count() == 2 * MESSAGES
