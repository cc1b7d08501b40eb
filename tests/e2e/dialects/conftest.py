"""A test send against the raw carrier: `POST …/test` by a bind of its own, in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential, CredentialStatus
from orbit.accounts.models import Organization
from tests.factories import make_organization
from tests.fixtures.raw_smsc import RawSmsc
from tests.messaging.callers import Caller, data

CARRIERS = "/v1/messaging/smpp/carriers"
TO, SENDER = "+33612345678", "ACME"


class Direct:
    """`send(body="hi", **credential)`: what the API says of a test send when it is over."""

    def __init__(self, organization: Organization, port: int, run: Callable[..., Any]) -> None:
        self._organization, self._port, self._run = organization, port, run

    def send(self, *, body: str = "hi", to: str = TO, **credential: Any) -> dict[str, Any]:
        carrier = self._carrier(**credential)
        caller = Caller(self._organization)
        caller.url = f"{CARRIERS}/{carrier.id}"
        asked = {"to": to, "from": SENDER, "body": body, "via": "direct"}
        answer = self._run(lambda: caller.post("/test", asked))
        assert answer.status_code == 202, answer.content
        return data(caller.get(f"/tests/{answer.json()['data']['id']}"))

    def _carrier(self, **credential: Any) -> Carrier:
        made = Credential.objects.create(
            organization=self._organization,
            name="An account",
            host="127.0.0.1",
            port=self._port,
            system_id="acme",
            password="secret",
            password_set_at=timezone.now(),
            **credential,
        )
        CredentialStatus.objects.create(credential=made)
        return Carrier.objects.create(
            organization=self._organization, credential=made, name="FR", countries=["FR"]
        )


@pytest.fixture(scope="session")
def _tasks() -> None:
    """They are loaded, as a worker does at its start."""
    current_app.loader.import_default_modules()


@pytest.fixture
def direct(
    _tasks: None,
    db: None,
    raw_smsc: RawSmsc,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> Direct:
    settings.CARRIER_TEST_STEP_TIMEOUT = settings.CARRIER_TEST_RECEIPT_TIMEOUT = 3
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **options: current_app.tasks[name](*args)
    )

    def run(call: Callable[[], Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return call()

    return Direct(make_organization(), raw_smsc.port, run)
