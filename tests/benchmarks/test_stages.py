"""The stages of a message in this process, one after the other, the gateway a stub: what each
takes of Python and of PostgreSQL, its statements and its trips to Redis.

One organisation, two carriers that are bound, a pool of ten senders that take turns, batches of
500; first without webhooks, then with one that gets all events. `POST` is the whole request
but for the web server.
"""

from __future__ import annotations

import gc
import logging
import os
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from messaging import gateway
from messaging.campaigns.models import Campaign, CampaignStatus, Recipient
from messaging.carriers.models import Carrier
from messaging.credentials.models import BindState, CredentialStatus
from messaging.messages.models import Message, MessageStatus
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool
from messaging.smpp.protocol.pdu import write
from messaging.webhooks.models import Webhook
from orbit.accounts.models import Organization
from reconciler.models import Gateway
from tests.benchmarks.road import adapter, sizes
from tests.benchmarks.road.cpu_yardstick import yardstick
from tests.benchmarks.road.meter import Meter
from tests.benchmarks.road.wsgi_client import Caller
from tests.factories import make_api_key, make_organization
from tests.reconciler.conftest import make_credential

pytestmark = pytest.mark.stack

SENDERS = 10
LOG = "log-of-the-stages"
WARM_UP, HEARD = "warm-up: ", "with a webhook: "
# One organisation's messages go through one sender at a time, a gateway's log through one receiver.
SENDER = ("claim", "submit (stub)", "settle")
RECEIVER = ("page of answers", "page of receipts")
TEXTS = "page of phones' texts"  # a PDU is a message here; three of ten are parts of two
RECEIPT = (
    "id:{id} sub:001 dlvrd:001 submit date:2601010101 done date:2601010102 stat:DELIVRD err:000 "
    "text:"
)
SMS, MANY = "/v1/messages/sms", "/v1/messages/sms/batch"


class Stages:
    """Messages of one campaign, 500 at a time from stage to stage."""

    def __init__(self, gateways: adapter.Gateways) -> None:
        self.gateways = gateways
        self.organization = make_organization()
        self.pool = make_pool(self.organization)
        self.campaign = make_campaign(self.pool, sizes.BATCH * (sizes.ROUNDS + 1) * 2)
        row = Gateway.objects.create(name="stub", jcli_host="127.0.0.1", http_url="http://stub")
        self._log = adapter.log_of(row)
        self._number = 0
        self.meters: dict[str, Meter] = {}

    def round(self, prefix: str) -> None:
        """One batch through all stages; `prefix` names the stages in the table."""
        with self._stage(prefix, "feed"):
            assert adapter.feed(self.campaign.pk) == sizes.BATCH
        with self._stage(prefix, "claim"):
            batch = adapter.claim(self.organization.pk)
        assert len(adapter.claimed(batch)) == sizes.BATCH
        self.gateways.taken.clear()
        with self._stage(prefix, "submit (stub)"):
            answers = adapter.submit(batch)
        with self._stage(prefix, "settle"):
            adapter.settle(batch, answers)
        keys = dict(Carrier.objects.values_list("credential", "credential__gateway_key"))
        taken = [(keys[credential], submit) for credential, submit in self.gateways.taken]
        said = [self._answer(cid, each.token) for cid, each in taken]
        with self._stage(prefix, "page of answers"):
            adapter.keep(self._log, LOG, said)
        ids = [each["id"] for each in said]
        came = [self._receipt(cid, each, id) for (cid, each), id in zip(taken, ids, strict=True)]
        with self._stage(prefix, "page of receipts"):
            adapter.keep(self._log, LOG, came)
        assert not Message.objects.exclude(status=MessageStatus.DELIVERED).exists()
        cid = next(iter(keys.values()))
        wrote = [self._text(cid, number) for number in range(sizes.BATCH)]
        with self._stage(prefix, TEXTS):
            adapter.keep(self._log, LOG, wrote)

    def posts(self) -> None:
        caller = Caller(make_api_key(self.organization).secret)
        for stage, path, bodies in self._requests():
            status, answer = caller.post(path, bodies[0])
            if status == 404:
                print(f"  {stage}: {path} answers 404, not there yet")
                continue
            assert status == 202, answer
            for body in bodies[1:]:
                with self._stage(stage, ""):
                    status, answer = caller.post(path, body)
                assert status == 202, answer

    def _requests(self) -> Iterator[tuple[str, str, list[Any]]]:
        numbers = iter(range(10**6))

        def message() -> dict[str, Any]:
            number = next(numbers)
            return {
                "to": f"+33639{number:06}",
                "body": f"Your code is {number}",
                "sender_pool_id": self.pool.pk,
            }

        yield "POST of one", SMS, [message() for _ in range(sizes.POSTS + 1)]
        lists = [[message() for _ in range(sizes.BATCH)] for _ in range(sizes.ROUNDS + 1)]
        yield "POST of a batch", MANY, [{"messages": each} for each in lists]

    def _stage(self, prefix: str, name: str) -> Any:
        key = f"{prefix}{name}"
        meter = self.meters[key] if key in self.meters else self.meters.setdefault(key, Meter())
        return meter.measured()

    def _record(self, kind: str, cid: str, **fields: Any) -> dict[str, Any]:
        self._number += 1
        about = {"n": self._number, "at": time.time(), "kind": kind, "cid": cid}
        return about | {"account": f"account of {cid}"} | fields

    def _answer(self, cid: str, token: str) -> dict[str, Any]:
        id = f"{self._number:08X}"
        return self._record("answer", cid, token=token, part=0, parts=1, status=0, id=id)

    def _receipt(self, cid: str, submit: Any, id: str) -> dict[str, Any]:
        raw = write(
            "deliver_sm",
            sequence=7,
            esm_class=4,
            source_addr=submit.to.removeprefix("+").encode(),
            destination_addr=submit.sender.removeprefix("+").encode(),
            short_message=RECEIPT.format(id=id).encode(),
        )
        return self._record("deliver", cid, session="s1", raw=raw.hex())

    def _text(self, cid: str, number: int) -> dict[str, Any]:
        """Parts come one behind the other, the second one first, from a phone of their own."""
        text, is_part = f"Number {self._number}".encode(), number % 20 < 6
        phone = number - number % 2 if is_part else number
        header = bytes([5, 0, 3, number // 2 % 256, 2, 2 - number % 2]) if is_part else b""
        raw = write(
            "deliver_sm",
            sequence=7,
            esm_class=0x40 if header else 0,
            source_addr_ton=1,
            source_addr=f"3363{phone:07}".encode(),
            destination_addr=b"33700000000",
            short_message=header + text,
        )
        return self._record("deliver", cid, session="s1", raw=raw.hex())


def make_pool(organization: Organization) -> SenderPool:
    """Of ten senders, attached to two carriers for FR that are bound."""
    pool = SenderPool.objects.create(organization=organization, name="Pool")
    PoolMember.objects.bulk_create(
        PoolMember(pool=pool, sender=f"+3370000000{n}", type="long_code", position=n)
        for n in range(SENDERS)
    )
    for name in ("north", "south"):
        credential = make_credential(organization, port=2775, system_id=name, throughput=None)
        carrier = Carrier.objects.create(
            organization=organization, credential=credential, name=name, countries=["FR"]
        )
        PoolCarrier.objects.create(pool=pool, carrier=carrier)
    CredentialStatus.objects.update(bind_state=BindState.BOUND)
    return pool


def make_campaign(pool: SenderPool, recipients: int) -> Campaign:
    """One that is under way."""
    campaign = Campaign.objects.create(
        organization_id=pool.organization_id,
        name="Sale",
        body="Hello {{n}}",
        sender_pool=pool,
        status=CampaignStatus.SENDING,
        recipients_total=recipients,
        common_variables=["n"],
    )
    Recipient.objects.bulk_create(
        Recipient(campaign=campaign, position=n, line=n, to=f"+3363{n:07}", variables={"n": str(n)})
        for n in range(recipients)
    )
    return campaign


@pytest.fixture
def stages(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stages]:
    gateways = adapter.Gateways()
    monkeypatch.setattr(gateway, "_implementation", gateways)
    with open(os.devnull, "w") as nowhere:  # logs are written, but not into the table
        for handler in logging.getLogger().handlers:
            if type(handler) is logging.StreamHandler:  # not those of pytest
                monkeypatch.setattr(handler, "stream", nowhere)
        # Neither a connection that has got too old nor a look at all of pytest's objects is of the
        # stages.
        monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", None)
        connection.close()
        made = Stages(gateways)
        gc.collect()
        gc.freeze()
        yield made
        gc.unfreeze()
        monkeypatch.undo()
    cache.clear()


def test_stages(stages: Stages) -> None:
    print(f"\n\nStages in process, batches of {sizes.BATCH}, mean of {sizes.ROUNDS}")
    stages.round(WARM_UP)
    for _ in range(sizes.ROUNDS):
        stages.round("")
    Webhook.objects.create(
        organization=stages.organization,
        url="https://192.0.2.1/",
        events=["*"],
        secret_set_at=timezone.now(),
    )
    for _ in range(sizes.ROUNDS):
        stages.round(HEARD)
    stages.posts()
    print_table(stages.meters)
    print(f"  yardstick {median(yardstick() for _ in range(20)):.1f} ms (road/cpu_yardstick.py)")


def print_table(meters: dict[str, Meter]) -> None:
    heads = ("Python ms", "PostgreSQL ms", "statements", "Redis trips")
    print(f"  {'':<34}" + "".join(f"{head:>15}" for head in heads))
    print(f"  {'':<34}{'a message':>15}{'a message':>15}{'a call':>15}{'a call':>15}")
    measured = {
        stage: values(stage, meter)
        for stage, meter in meters.items()
        if meter.calls and not stage.startswith(WARM_UP)
    }
    for stage, found in measured.items():
        print_row(stage, found)
    for kind, sums in ("", "sum without the POST"), (HEARD, f"{HEARD}sum"):
        stages = [found for stage, found in measured.items() if is_of(stage, kind)]
        print_row(sums, [sum(column) for column in zip(*stages, strict=True)])
    print_ceilings(measured)


def print_ceilings(measured: dict[str, list[float]]) -> None:
    """What goes on one after the other in one process, however many cores are idle."""
    for who, stages in ("sender", SENDER), ("receiver", RECEIVER):
        milliseconds = sum(sum(measured[stage][:2]) for stage in stages)
        print(f"  one {who} ({', '.join(stages)}): at most {1000 / milliseconds:.0f} messages/s")


def is_of(stage: str, kind: str) -> bool:
    if stage.startswith("POST") or stage.endswith(TEXTS):
        return False
    return stage.startswith(HEARD) == bool(kind)


def values(stage: str, meter: Meter) -> list[float]:
    messages = meter.calls * (1 if stage == "POST of one" else sizes.BATCH)
    return [
        meter.python * 1000 / messages,
        abs(meter.postgres) * 1000 / messages,
        meter.statements / meter.calls,
        meter.trips / meter.calls,
    ]


def print_row(stage: str, found: list[float]) -> None:
    python, postgres, statements, trips = found
    print(f"  {stage:<34}{python:>15.3f}{postgres:>15.3f}{statements:>15.1f}{trips:>15.1f}")
