"""Callers of /v1/numbers."""

from __future__ import annotations

from typing import Any

import pytest

from orbit.accounts.models import Organization
from tests.factories import make_organization
from tests.messaging.callers import Caller
from tests.messaging.carriers.conftest import make_credential


class Api(Caller):
    url = "/v1/numbers"

    def add(self, **fields: Any) -> dict[str, Any]:
        answer = self.try_to_add(**fields)
        assert answer.status_code == 201, answer.content
        assert answer["Location"] == f"{self.url}/{answer.json()['data']['id']}"
        return answer.json()["data"]

    def try_to_add(self, **fields: Any) -> Any:
        body = {"number": "+33700000001"} | fields
        if "credential_id" not in body:
            body["credential_id"] = make_credential(self.organization).pk
        return self.post("", {name: value for name, value in body.items() if value is not None})


@pytest.fixture
def api(organization: Organization) -> Api:
    return Api(organization)


@pytest.fixture
def stranger(db) -> Api:
    return Api(make_organization())
