"""An organisation with carriers, messages of it, and a gateway that answers as it is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from messaging import gateway
from messaging.campaigns.models import Campaign
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential, CredentialStatus
from messaging.gateway import Accepted, Refusal, Refused, Submission, Submit, Unknown
from messaging.messages import services
from messaging.messages.models import Message
from messaging.pools import counters
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool
from orbit.accounts.models import Organization

FRANCE, AMERICA = "+33639980001", "+14155552671"
NOT_BOUND = Refused(Refusal.NOT_BOUND, "its bind is down", True)


@dataclass
class FakeGateway:
    """Takes each token once, as our launcher does.

    `answers`: of a credential (by name) instead of that; an exception is raised. `asked`: every
    submit, `taken`: those that went on to a carrier.
    """

    lane: str = "a" * 32
    answers: dict[str, Submission | Exception] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    down: bool = False
    until: datetime | None = None
    behind: dict[str, datetime] = field(default_factory=dict)
    untaken_by_lane: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def push(self, organization_id: str) -> None:
        return

    def smpp_address(self, organization_id: str) -> None:
        return None

    def reported_until(self) -> datetime:
        return self.until or timezone.now()

    def reports_behind(self) -> dict[str, datetime]:
        return self.behind

    def untaken(self, tokens: Mapping[str, Collection[str]]) -> dict[str, frozenset[str] | None]:
        return {lane: self.untaken_by_lane[lane] for lane in tokens if lane in self.untaken_by_lane}

    def trunks(self, credential_ids: Collection[str]) -> dict[str, FakeTrunk | Refused]:
        if self.down:
            away = Refused(Refusal.UNAVAILABLE, "the gateway is down", True)
            return dict.fromkeys(credential_ids, away)
        names = dict(Credential.objects.filter(pk__in=credential_ids).values_list("pk", "name"))
        return {each: FakeTrunk(self, names[each], self.lane) for each in credential_ids}


@dataclass
class FakeTrunk:
    gateway: FakeGateway
    name: str
    lane: str

    def submit_many(self, submits: Sequence[Submit]) -> list[Submission]:
        answers: list[Submission] = []
        for each in submits:
            if any(isinstance(answer, Unknown) for answer in answers):
                answers.append(Refused(Refusal.UNAVAILABLE, "it hangs", True))
            else:
                answers.append(self._submit(asdict(each)))
        return answers

    def _submit(self, message: dict[str, Any]) -> Submission:
        fake, token = self.gateway, message["token"]
        fake.asked.append({"through": self.name} | message)
        answer = fake.answers.get(self.name)
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            return answer
        if not self.lane:
            assert token not in fake.taken, "taken twice"
        fake.taken.setdefault(token, fake.asked[-1])
        return Accepted("")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    made = FakeGateway()
    monkeypatch.setattr(gateway, "_implementation", made)
    return made


@pytest.fixture(autouse=True)
def _new_counters() -> None:
    """Turns are counted in the process where there is no Redis."""
    counters._counters.cache_clear()


def make_carrier(
    organization: Organization,
    name: str = "north",
    *,
    bound: bool = True,
    throughput: int | None = 50,
    **fields: Any,
) -> Carrier:
    """A carrier with a credential of its own, both of this name."""
    credential = Credential.objects.create(
        organization=organization,
        name=name,
        host="192.0.2.1",
        system_id=name,
        password="s3cr3tpw",
        password_set_at=timezone.now(),
        throughput=throughput,
    )
    state = "bound" if bound else "unbound"
    CredentialStatus.objects.create(credential=credential, bind_state=state)
    values = {"countries": ["FR", "US"]} | fields
    return Carrier.objects.create(
        organization=organization, credential=credential, name=name, **values
    )


def bind(carrier: Carrier, state: str) -> None:
    """What the reconciler would have seen."""
    CredentialStatus.objects.filter(credential=carrier.credential).update(bind_state=state)


def make_pool(
    organization: Organization, *senders: str, carriers: Collection[Carrier] = ()
) -> SenderPool:
    pool = SenderPool.objects.create(organization=organization, name="Support")
    for position, sender in enumerate(senders):
        PoolMember.objects.create(pool=pool, sender=sender, type="long_code", position=position)
    PoolCarrier.objects.bulk_create(PoolCarrier(pool=pool, carrier=each) for each in carriers)
    return pool


def make_message(
    organization: Organization, to: str = FRANCE, body: str = "hello", **fields: Any
) -> Message:
    """As a POST leaves it: queued, from ACME unless a pool is named."""
    wanted = {} if "wanted_pool" in fields else {"wanted_sender": "ACME"}
    message = services.build(organization_id=organization.pk, to=to, body=body)
    for name, value in (wanted | fields).items():
        setattr(message, name, value)
    message.save(force_insert=True)
    return message


def read(message: Message) -> Message:
    """As it is in the database."""
    return Message.objects.get(pk=message.pk)


@pytest.fixture
def carrier(organization: Organization) -> Carrier:
    return make_carrier(organization)


@pytest.fixture
def message(organization: Organization, carrier: Carrier) -> Message:
    return make_message(organization)


def make_campaign(organization, pool, status="sending", **fields) -> Campaign:
    fields = {"running_since": timezone.now()} | fields
    return Campaign.objects.create(
        organization=organization, sender_pool=pool, status=status, **fields
    )
