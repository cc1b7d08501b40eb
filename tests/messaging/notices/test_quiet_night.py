"""A night of usual traffic is told to nobody; the same night with one fault, once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache

from messaging.carriers.models import Carrier
from messaging.credentials.models import CredentialStatus
from messaging.messages.models import Message
from messaging.notices import rounds
from messaging.notices.models import Notice, NoticeDelivery, NoticeRecipient
from messaging.quality import evaluation
from messaging.quality.models import HOUR, MINUTE, QualityCount
from messaging.webhooks.models import Webhook
from reconciler import wire_looks
from reconciler.gateway_client import wire_figures
from reconciler.gateway_client.wire_figures import Answers, Figures
from reconciler.models import Gateway, GatewayLog
from tests.messaging.messages.dispatch.conftest import make_carrier

EVENING = datetime(2026, 3, 7, 22, tzinfo=UTC)  # midnight is on the way
HOURS, STEP = 8, timedelta(minutes=5)
USUAL = {"north": 0.95, "south": 0.88}
QUICK = 4  # the bucket of 3 s
DISK = {"disk_free_bytes": 50.0, "disk_size_bytes": 100.0, "store_ok": 1.0}


class NightOfRows:
    """Rounds over rows as a site has them. `rate`: what arrives of a carrier's messages of a
    minute."""

    def __init__(self, organization, monkeypatch: pytest.MonkeyPatch, rate: Callable) -> None:
        self._random, self._rate = random.Random(21), rate
        self._organization = organization
        self.carriers = {name: make_carrier(organization, name) for name in USUAL}
        Carrier.objects.filter(name="north").update(quality_mode="advise")
        self._minute = EVENING - timedelta(hours=1)
        self._make_hours()
        self._gateway = Gateway.objects.create(
            name="main",
            jcli_host="10.0.0.5",
            jcli_username="jcliadmin",
            jcli_password="secret",
            http_url="http://10.0.0.5:1401",
            state="up",
            capabilities=["lane"],
        )
        GatewayLog.objects.create(gateway=self._gateway, read_at=EVENING)
        cache.delete(wire_looks._KEPT + self._gateway.pk)
        self._webhook = Webhook.objects.create(
            organization=organization,
            url="https://hooks.example.com/",
            events=["*"],
            secret_set_at=EVENING,
        )
        NoticeRecipient.objects.create(name="Ops", url="json://x/", scheme="json")
        self._sent = dict.fromkeys(self.carriers, 0)
        monkeypatch.setattr(wire_figures, "read", self._wire)

    def _make_hours(self) -> None:
        rows = []
        for name, carrier in self.carriers.items():
            for number in range(-24, HOURS):
                start = EVENING + timedelta(hours=number)
                rows += self._counts(carrier, HOUR, start, 9000, USUAL[name])
        QualityCount.objects.bulk_create(rows)

    def _make_minutes(self, now: datetime) -> None:
        """Those that have begun since the round before."""
        rows = []
        while self._minute <= now:
            for name, carrier in self.carriers.items():
                messages = self._random.randrange(60, 400)
                rate = self._rate(name, self._minute) + self._random.uniform(-0.03, 0.03)
                rows += self._counts(carrier, MINUTE, self._minute, messages, rate)
            self._minute += timedelta(minutes=1)
        QualityCount.objects.bulk_create(rows)

    def _counts(
        self, carrier: Carrier, span: int, start: datetime, messages: int, rate: float
    ) -> Iterator[QualityCount]:
        """Beside what arrives and what does not: numbers that do not exist, and a full queue."""
        arrived = round(messages * min(rate, 1))
        for outcome, code, count in (
            ("delivered", "", arrived),
            ("undelivered", "UNDELIV 069", messages - arrived),
            ("undelivered", "UNDELIV 001", messages // 10),
            ("refused", "ESME_RMSGQFUL", messages // 20),
        ):
            yield QualityCount(
                span=span,
                start=start,
                organization_id=carrier.organization_id,
                carrier_id=carrier.pk,
                country="FR",
                sender_type="long_code",
                outcome=outcome,
                code=code,
                bucket=QUICK if outcome != "refused" else -1,
                count=count,
            )

    def _wire(self, gateway: Gateway) -> Figures:
        """One submit of a hundred is throttled, one is slow."""
        found = {}
        for name, carrier in self.carriers.items():
            self._sent[name] = sent = self._sent[name] + self._random.randrange(100, 800)
            found[carrier.credential.gateway_key] = Answers(sent, sent // 100, sent // 100)
        return Figures(DISK, found)

    def bind(self, name: str, state: str, since: datetime) -> None:
        rows = CredentialStatus.objects.filter(credential=self.carriers[name].credential)
        rows.update(bind_state=state, bind_since=since)

    def round(self, now: datetime) -> None:
        """What is under way: the log was just read, a message has waited for a while, the last post
        of a webhook failed at times."""
        self._make_minutes(now)
        GatewayLog.objects.update(read_at=now - timedelta(seconds=3))
        Message.objects.all().delete()
        with time_machine.travel(now - timedelta(seconds=20), tick=False):
            Message.objects.create(
                organization=self._organization, to="+33612345678", body="x", segments=1
            )
        failed = now - timedelta(seconds=self._random.randrange(5, 200))
        self._webhook.last_success_at = now - timedelta(seconds=self._random.randrange(5, 200))
        self._webhook.last_failure_at, self._webhook.last_failure = failed, "HTTP 500"
        self._webhook.save()
        with time_machine.travel(now, tick=False):
            evaluation.evaluate(now)
            rounds.run(now)


@pytest.fixture
def make_night(organization, monkeypatch, settings) -> Iterator[Callable[[Callable], NightOfRows]]:
    settings.NOTICE_DISK_FREE = 0  # this machine's is none of the night's
    with time_machine.travel(EVENING, tick=False):
        yield lambda rate: NightOfRows(organization, monkeypatch, rate)


def usual(name: str, start: datetime) -> float:
    return USUAL[name]


def test_a_quiet_night_is_told_to_nobody(make_night) -> None:
    night = make_night(usual)
    rebinds, late = EVENING + timedelta(hours=3), EVENING + timedelta(hours=5)
    now = EVENING
    while now < EVENING + timedelta(hours=HOURS):
        now += STEP
        if now == late:
            now += timedelta(minutes=3)  # beat was stopped
        night.round(now)
        if now == rebinds:
            night.bind("north", "unbound", now)
            night.round(now + timedelta(seconds=10))
            night.bind("north", "bound", now + timedelta(seconds=20))
            night.round(now + timedelta(seconds=30))

    assert [each.what for each in Notice.objects.all()] == []


def test_one_fault_in_such_a_night_is_told_once_and_ends(make_night) -> None:
    falls, is_well = EVENING + timedelta(minutes=5), EVENING + timedelta(minutes=15)

    def rate(name: str, start: datetime) -> float:
        return 0.4 if name == "south" and falls <= start < is_well else USUAL[name]

    night = make_night(rate)
    for minute in range(1, 25):
        night.round(EVENING + timedelta(minutes=minute))

    told = NoticeDelivery.objects.order_by("pk").values_list("notice__what", "telling")
    assert list(told) == [
        ("south delivers too little", "opened"),
        ("south delivers too little", "closed"),
    ]
