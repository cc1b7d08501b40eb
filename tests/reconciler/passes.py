"""Helpers for tests of whole passes."""

from __future__ import annotations

from messaging.credentials.models import Credential, CredentialStatus
from reconciler.loop import reconcile
from reconciler.models import Gateway, Run
from reconciler.result import Result
from tests.reconciler.model import ModelJasmin

READING = (
    "mtrouter -l",
    "stats",
    "sync_",
    "group -l",
    "user -l",
    "user -s",
    "smppccm -l",
    "smppccm -s",
    "quit",
)


def run(gateway: Gateway, **options) -> Result:
    return reconcile(gateway, **{"trigger": "command"} | options)


def written(model: ModelJasmin) -> list[str]:
    """Return the typed commands that are not reads."""
    return [line for line in model.typed if not line.startswith(READING)]


def status(credential: Credential) -> CredentialStatus:
    return CredentialStatus.objects.get(pk=credential.pk)


def runs() -> list[Run]:
    return list(Run.objects.order_by("id"))


def refuse(model: ModelJasmin, monkeypatch, cid: str) -> None:
    """Make Jasmin refuse to add this connector."""
    add = model.add_connector

    def refusing(typed: dict[str, str]) -> tuple[list[str], bool]:
        if typed["cid"] == cid:
            return ["Failed adding connector, check log for details"], False
        return add(typed)

    monkeypatch.setattr(model, "add_connector", refusing)
