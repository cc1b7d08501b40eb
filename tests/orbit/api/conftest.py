from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from orbit.accounts.api_keys.services import NewKey
from tests.factories import make_api_key
from tests.orbit.api.probe import ProbeView


@pytest.fixture
def key(db) -> NewKey:
    """An owner's key with every scope."""
    return make_api_key()


@pytest.fixture
def api(key: NewKey) -> Client:
    """A client that sends `key`; failures of the server are answers, not exceptions."""
    return Client(headers={"X-API-Key": key.secret}, raise_request_exception=False)


@pytest.fixture
def anonymous() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable], None]:
    """Say what POST /v1/probe does: `probe(lambda view: …)`; `before=` runs in `prepare`."""

    def install(behave: Callable[[Any], Any], before: Callable[[Any], Any] | None = None) -> None:
        monkeypatch.setattr(ProbeView, "behave", staticmethod(behave))
        if before:
            monkeypatch.setattr(ProbeView, "before", staticmethod(before))

    return install
