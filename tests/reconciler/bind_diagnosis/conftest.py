"""A carrier that only answers trial binds, and a bind that is down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential
from messaging.smpp.protocol.command_status import by_name
from messaging.smpp.trial_bind import Trial
from orbit.accounts.models import Organization
from reconciler import bind_diagnosis, verification
from reconciler.models import ConnectorRecord, Gateway
from tests.reconciler.conftest import make_credential
from tests.reconciler.passes import run, status

WRONG = by_name("ESME_RINVPASWD")
REFUSED = Trial("refused", f"{WRONG.meaning} ({WRONG.name})", WRONG, True, 0.1)
DEAD = Trial("inconclusive", "connection refused by 127.0.0.1:1", None, False, 0.1)
SILENT = Trial("inconclusive", "no answer to the bind within 10 s", None, True, 10.0)
TAKEN = Trial("bound", "", by_name("ESME_ROK"), True, 0.1)


class Carrier:
    """The carrier of trial binds; `asked` are their system_ids in order."""

    def __init__(self) -> None:
        self.trial = REFUSED
        self.asked: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, *, system_id: str, **fields: object) -> Trial:
        self.asked.append(system_id)
        self.meanwhile()
        return self.trial


@pytest.fixture
def carrier(monkeypatch) -> Carrier:
    carrier = Carrier()
    monkeypatch.setattr(bind_diagnosis, "trial_bind", carrier)
    monkeypatch.setattr(bind_diagnosis, "GRACE", timedelta(0))
    monkeypatch.setattr(
        verification, "BIND_WAIT", 0.0
    )  # a carrier of the model binds at once or never
    return carrier


@pytest.fixture
def down(tenant: Organization, modelled: Gateway, carrier: Carrier) -> Credential:
    """A credential with a connector that runs and is not bound (port 1 of the model)."""
    credential = make_credential(tenant, port=1, system_id="acme")
    run(modelled)
    assert status(credential).bind_state == "binding"
    return credential


def record_of(credential: Credential) -> ConnectorRecord:
    return ConnectorRecord.objects.get(pk=credential.pk)


def due_again(credential: Credential) -> None:
    ConnectorRecord.objects.filter(pk=credential.pk).update(retry_at=timezone.now())
