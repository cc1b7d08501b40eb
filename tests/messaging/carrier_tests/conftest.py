"""A carrier with an account at the simulator, callers, a worker that runs at once, a gateway."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest
from celery import current_app
from django.db.models import QuerySet
from django.utils import timezone

from messaging import gateway
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential, CredentialStatus
from messaging.gateway import Accepted, Submission, Submit
from orbit.accounts.models import Organization
from orbit.dev.simulator import SimulatorThread, System
from tests.factories import make_organization
from tests.messaging.callers import Caller, data

SECRET = "s3cr3tpw"
TO = "+33612345678"


class Api(Caller):
    """With what the tests do to test sends; `carrier` is the one that they test."""

    url = "/v1/messaging/smpp/carriers"

    def __init__(self, organization: Organization, carrier: Carrier, **key: Any) -> None:
        super().__init__(organization, **key)
        self.carrier = carrier

    def test(self, **fields: Any) -> Any:
        """POST …/test; `sender` is sent as `from`, None leaves a field out."""
        body = {"to": TO, "from": fields.pop("sender", "ACME")} | fields
        kept = {name: value for name, value in body.items() if value is not None}
        return self.post(f"/{self.carrier.id}/test", kept)

    def read(self, test_id: str) -> dict[str, Any]:
        return data(self.get(f"/{self.carrier.id}/tests/{test_id}"))


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    """What comes comes within that; a test that waits for what never comes says less."""
    settings.CARRIER_TEST_STEP_TIMEOUT = settings.CARRIER_TEST_RECEIPT_TIMEOUT = 10


@pytest.fixture
def short_steps(settings: Any) -> None:
    settings.CARRIER_TEST_STEP_TIMEOUT = 0.3


@pytest.fixture
def system(smsc: SimulatorThread) -> System:
    return smsc.add_system("acme", SECRET)


@pytest.fixture
def credential(organization: Organization, smsc: SimulatorThread, system: System) -> Credential:
    made = Credential.objects.create(
        organization=organization,
        name="An account",
        host="127.0.0.1",
        port=smsc.port,
        system_id="acme",
        password=SECRET,
        password_set_at=timezone.now(),
    )
    CredentialStatus.objects.create(credential=made)
    return made


@pytest.fixture
def carrier(organization: Organization, credential: Credential) -> Carrier:
    return Carrier.objects.create(
        organization=organization, credential=credential, name="FR", countries=["FR"]
    )


@pytest.fixture
def api(organization: Organization, carrier: Carrier) -> Api:
    return Api(organization, carrier)


@pytest.fixture
def stranger(carrier: Carrier) -> Api:
    """An owner of another organisation, who knows the carrier's id."""
    return Api(make_organization(), carrier)


@pytest.fixture
def worker(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> Callable[[Callable[[], Any]], Any]:
    """`worker(call)`: the call's result, after all tasks that it queued have been done."""
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **options: current_app.tasks[name](*args)
    )

    def run(call: Callable[[], Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return call()

    return run


@pytest.fixture
def tested(api: Api, worker: Callable) -> Callable[..., dict[str, Any]]:
    """`tested(**fields)`: a test that was sent, as it is read afterwards."""

    def run(**fields: Any) -> dict[str, Any]:
        answer = worker(lambda: api.test(**fields))
        assert answer.status_code == 202, answer.content
        return api.read(answer.json()["data"]["id"])

    return run


@dataclass
class FakeGateway:
    """Answers as told, and writes down what it was asked."""

    answer: Submission | Exception = Accepted("gw-1")
    asked: list[dict[str, Any]] = field(default_factory=list)
    meanwhile: Callable[[str], object] = lambda token: None

    def push(self, organization_id: str) -> None:
        return

    def smpp_address(self, organization_id: str) -> None:
        return None

    def trunks(self, credential_ids: Collection[str]) -> dict[str, FakeTrunk]:
        return {each: FakeTrunk(self, each) for each in credential_ids}


@dataclass
class FakeTrunk:
    gateway: FakeGateway
    credential_id: str
    lane: str = ""

    def submit_many(self, submits: Sequence[Submit]) -> list[Submission]:
        (submit,) = submits
        self.gateway.asked.append({"credential_id": self.credential_id} | asdict(submit))
        self.gateway.meanwhile(submit.dlr_token)
        if isinstance(self.gateway.answer, Exception):
            raise self.gateway.answer
        return [self.gateway.answer]


@pytest.fixture
def fake_gateway(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    fake = FakeGateway()
    monkeypatch.setattr(gateway, "_implementation", fake)
    return fake


def bind(credential: Credential, state: str, **fields: Any) -> None:
    """What the reconciler would have seen of the gateway's own bind."""
    CredentialStatus.objects.filter(credential=credential).update(bind_state=state, **fields)


def row(test_id: str) -> CarrierTest:
    return CarrierTest.objects.get(pk=test_id)


def rows() -> QuerySet[CarrierTest]:
    return CarrierTest.objects.order_by("pk")


def names(test: dict[str, Any]) -> list[str]:
    """The steps, with ! behind those that failed."""
    return [f"{step['step']}{'' if step['ok'] else '!'}" for step in test["steps"]]


def failed_at(test: dict) -> list[str]:
    return [step["step"] for step in test["steps"] if not step["ok"]]


def assert_failed(test: dict, step: str, cause: str) -> None:
    assert (test["status"], test["error"]["cause"]) == ("failed", cause)
    assert failed_at(test)[0] == step
    assert test["error"]["message"] and test["error"]["hint"]
    assert test["smpp_status"] is None
    assert test["finished_at"]
