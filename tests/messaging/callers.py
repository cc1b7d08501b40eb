"""A caller of one organisation; each noun's tests say where its collection is."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.http import HttpResponse
from django.test import Client

from orbit.accounts.models import AuditEvent, Organization
from tests.factories import make_api_key


class Caller:
    """A key of one organisation, with the answers' bodies as JSON in `.json()`."""

    url: ClassVar[str]

    def __init__(self, organization: Organization, **key: Any) -> None:
        self.organization = organization
        self.new_key = make_api_key(organization, **key)
        self._client = Client(raise_request_exception=False)

    def call(self, method: str, path: str = "", body: Any = None, **headers: str) -> HttpResponse:
        """`path` is what follows the collection's; a header `If_Match` is sent as `If-Match`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if body is None else {"data": json.dumps(body)}
        return self._client.generic(
            method,
            self.url + path,
            content_type="application/json",
            headers={"X-API-Key": self.new_key.secret, **sent},
            **content,
        )

    def get(self, path: str = "", **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str = "", body: Any = None, **headers: str) -> HttpResponse:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.call("DELETE", path, **headers)


def data(answer: HttpResponse) -> Any:
    """`data` of an answer that has to be 200."""
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]


def refusal(answer: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """`error` of an answer that has to be this one."""
    assert answer.status_code == status, answer.content
    error = answer.json()["error"]
    assert error["code"] == code
    return error


def audited(prefix: str) -> list[AuditEvent]:
    """Audit rows whose action starts so, oldest first."""
    return list(AuditEvent.objects.filter(action__startswith=prefix).order_by("seq"))
