"""Callers, and messages in every state."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse

from messaging.carriers.models import Carrier
from messaging.messages import services
from messaging.messages.models import UNFINISHED, Message
from orbit.accounts.models import Organization
from tests.factories import made_at, make_organization
from tests.messaging.callers import Caller, data
from tests.messaging.carriers.conftest import make_credential

URL = "/v1/messages"
FRANCE, AMERICA = "+33639980001", "+14155552671"


class Api(Caller):
    """With what the tests do to messages."""

    url = URL

    def try_to_send(self, **fields: Any) -> Any:
        """POST …/sms; `sender` is sent as `from`, None leaves a field out."""
        body = {"to": FRANCE, "body": "hello", "from": fields.pop("sender", "ACME")} | fields
        return self.post("/sms", {name: value for name, value in body.items() if value is not None})

    def send(self, **fields: Any) -> dict[str, Any]:
        """The message that was taken."""
        answer = self.try_to_send(**fields)
        assert answer.status_code == 202, answer.content
        return answer.json()["data"]

    def raw(
        self, path: str, body: str, content_type: str = "application/json", **headers: str
    ) -> HttpResponse:
        """POST of these bytes (Latin-1)."""
        return self._client.generic(
            "POST",
            self.url + path,
            data=body.encode("latin-1"),
            content_type=content_type,
            headers={"X-API-Key": self.new_key.secret}
            | {name.replace("_", "-"): value for name, value in headers.items()},
        )

    def read(self, message_id: str) -> dict[str, Any]:
        return data(self.get(f"/{message_id}"))


@pytest.fixture
def api(organization: Organization) -> Api:
    """An owner's key with every scope."""
    return Api(organization)


@pytest.fixture
def carrier(organization: Organization) -> Carrier:
    return make_carrier(organization)


@pytest.fixture
def stranger(db) -> Api:
    """An owner of another organisation, with a carrier of its own."""
    organization = make_organization()
    make_carrier(organization)
    return Api(organization)


def make_carrier(organization: Organization, **fields: Any) -> Carrier:
    """A carrier for FR with a bound credential of its own."""
    credential = make_credential(organization, bind_state="bound")
    fields = {"name": "Orange FR", "countries": ["FR"]} | fields
    return Carrier.objects.create(organization=organization, credential=credential, **fields)


def make_message(organization: Organization, **fields: Any) -> Message:
    """A message to France in the state that `fields` say; one that has ended did so when it was
    made, unless they say when."""
    columns = {"to": FRANCE, "body": "hello"} | fields
    wanted = {name: columns.pop(name) for name in ("to", "body")}
    message = services.build(organization_id=organization.id, **wanted)
    if columns.get("status", message.status) not in UNFINISHED:
        columns.setdefault("finished_at", message.created_at)
    if "created_at" in columns:
        columns.setdefault("id", made_at("msg", columns["created_at"]))
    for name, value in columns.items():
        setattr(message, name, value)
    message.save(force_insert=True)
    return message


def stored(message_id: str) -> Message:
    """The row as it is in the database."""
    return Message.objects.get(pk=message_id)
