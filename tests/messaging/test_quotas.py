"""What an organisation may have of each noun, over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as site
from django.utils import timezone

from messaging.carrier_tests.models import CarrierTest
from orbit.accounts.quotas import services as quotas
from tests.factories import make_organization
from tests.messaging.callers import Caller, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

CREDENTIAL = {"host": "9.9.9.9", "system_id": "acme", "password": "s3cret"}


class Api(Caller):
    url = "/v1"


@pytest.fixture
def api() -> Api:
    return Api(make_organization())


def made(api: Api, path: str, body: dict[str, Any]) -> str:
    answer = api.post(path, body)
    assert answer.status_code == 201, answer.content
    return answer.json()["data"]["id"]


def exceeded(api: Api, path: str, body: dict[str, Any], name: str, *, limit: int) -> None:
    details = refusal(api.post(path, body), 409, "QUOTA_EXCEEDED")["details"]
    assert (details["quota"], details["limit"]) == (name, limit)


def test_every_quota_is_a_setting():
    assert all(isinstance(getattr(site, f"QUOTA_{name.upper()}"), int) for name in quotas.QUOTAS)


def test_credentials(api, settings):
    settings.QUOTA_CREDENTIALS = 1
    path = "/messaging/smpp/credentials"
    first = made(api, path, CREDENTIAL)
    another = CREDENTIAL | {"system_id": "other"}

    exceeded(api, path, another, "credentials", limit=1)

    assert api.delete(f"{path}/{first}").status_code == 204
    made(api, path, another)


def test_carriers(api, settings):
    settings.QUOTA_CARRIERS = 1
    credential = made(api, "/messaging/smpp/credentials", CREDENTIAL)
    body = {"name": "One", "credential_id": credential, "countries": ["*"]}
    made(api, "/messaging/smpp/carriers", body)

    exceeded(api, "/messaging/smpp/carriers", body, "carriers", limit=1)


def members(count: int) -> list[dict[str, str]]:
    return [{"sender": f"Acme{number}"} for number in range(count)]


def test_pools_and_their_senders(api, settings):
    settings.QUOTA_SENDER_POOLS = 2
    settings.QUOTA_POOL_MEMBERS = 3
    path = "/messaging/sender-pools"
    first = made(api, path, {"name": "One", "members": members(2)})

    exceeded(api, path, {"name": "Two", "members": members(2)}, "pool_members", limit=3)
    made(api, path, {"name": "Two", "members": members(1)})
    exceeded(api, path, {"name": "Three"}, "sender_pools", limit=2)

    answer = api.patch(f"{path}/{first}", {"members": members(3)})
    refusal(answer, 409, "QUOTA_EXCEEDED")
    assert api.patch(f"{path}/{first}", {"members": members(1)}).status_code == 200


def draft(pool: str, **fields: Any) -> dict[str, Any]:
    body = {"name": "Hi", "channel": "sms", "body": "Hi", "sender_pool_id": pool, "recipients": []}
    return body | fields


def test_campaigns_and_the_bytes_of_their_recipients(api, settings):
    pool = made(api, "/messaging/sender-pools", {"name": "One", "members": members(1)})
    settings.QUOTA_CAMPAIGNS = 1
    campaign = made(api, "/campaigns", draft(pool))
    exceeded(api, "/campaigns", draft(pool), "campaigns", limit=1)

    settings.QUOTA_STORED_BYTES = 100
    recipients = [{"to": f"+1415555267{digit}", "variables": {"x": "y"}} for digit in range(9)]
    path = f"/campaigns/{campaign}/recipients"
    exceeded(api, path, {"recipients": recipients}, "stored_bytes", limit=100)
    assert api.get(f"/campaigns/{campaign}").json()["data"]["progress"]["total"] == 0

    assert api.post(path, {"recipients": recipients[:1]}).status_code == 200


def test_tests_of_carriers_under_way(api, settings, monkeypatch):
    monkeypatch.setattr("messaging.carrier_tests.services.start_on_commit", lambda test_id: None)
    settings.QUOTA_CARRIER_TESTS = 1
    paths = []
    for name in ("one", "two"):
        body = CREDENTIAL | {"system_id": name}
        credential = made(api, "/messaging/smpp/credentials", body)
        body = {"name": name, "credential_id": credential, "countries": ["*"]}
        carrier = made(api, "/messaging/smpp/carriers", body)
        paths.append(f"/messaging/smpp/carriers/{carrier}/test")
    body = {"to": "+33612345678", "from": "ACME"}
    assert api.post(paths[0], body).status_code == 202

    exceeded(api, paths[1], body, "carrier_tests", limit=1)

    CarrierTest.objects.update(status="failed", finished_at=timezone.now())
    assert api.post(paths[1], body).status_code == 202
