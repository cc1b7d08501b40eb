"""Clients of /v1."""

from __future__ import annotations

import pytest
from django.test import Client

from orbit.accounts.api_keys.services import NewKey
from tests.factories import make_api_key


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
