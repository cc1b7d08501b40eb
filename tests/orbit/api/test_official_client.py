"""The wire as `devotel-orbit-sdk` sees it, unchanged, over a real socket."""

from __future__ import annotations

import uuid

import pytest
from orbit_sdk import OrbitClient
from orbit_sdk import client as client_module
from orbit_sdk.errors import (
    OrbitAuthenticationError,
    OrbitClientError,
    OrbitRateLimitError,
    OrbitServerError,
)

from orbit.accounts.me import MeView
from orbit.accounts.models import ApiKey
from tests.factories import make_api_key
from tests.fixtures.clocks import give_clock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def secret() -> str:
    return make_api_key().secret


def client_of(live_server, secret: str, **options) -> OrbitClient:
    return OrbitClient.from_api_key(secret, base_url=f"{live_server.url}/v1", **options)


@pytest.fixture
def client(live_server, secret) -> OrbitClient:
    return client_of(live_server, secret, max_retries=0)


def test_reads_an_envelope(client):
    body = client.request("GET", "/me")
    assert body["data"]["role"] == "owner"
    assert body["meta"]["request_id"].startswith("req_")


def test_walks_through_pages(client):
    for place in range(4):
        fields = {"name": f"Key {place}", "scopes": ["messages:read"]}
        client.request("POST", "/settings/api-keys", json_body=fields)
    seen, cursor = [], None
    while True:
        params = {"limit": 2, "cursor": cursor}
        page = client.request("GET", "/settings/api-keys/", params=params)
        seen += [row["id"] for row in page["data"]]
        cursor = page["meta"]["pagination"]["cursor"]
        if not page["meta"]["pagination"]["has_more"]:
            break
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


def test_posts_without_a_body_and_takes_an_empty_answer(client):
    fields = {"name": "Other", "scopes": ["messages:read"]}
    made = client.request("POST", "/settings/api-keys", json_body=fields)["data"]
    rotated = client.request("POST", f"/settings/api-keys/{made['id']}/rotate")["data"]
    assert rotated["key"] != made["key"]
    assert client.request("DELETE", f"/settings/api-keys/{made['id']}") == {}


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "status", "code"),
    [
        ("GET", "/settings/api-keys/key_none", None, OrbitClientError, 404, "NOT_FOUND"),
        ("POST", "/settings/api-keys", {}, OrbitClientError, 422, "MISSING_REQUIRED_FIELD"),
        ("PUT", "/me", {}, OrbitClientError, 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/nothing", None, OrbitClientError, 404, "NOT_FOUND"),
    ],
)
def test_sees_our_codes_and_the_id_of_the_request(client, method, path, body, kind, status, code):
    with pytest.raises(kind) as caught:
        client.request(method, path, json_body=body)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert caught.value.request_id.startswith("req_")


def test_sees_a_refused_key(live_server):
    with pytest.raises(OrbitAuthenticationError) as caught:
        client_of(live_server, "dv_live_sk_wrong").request("GET", "/me")
    assert (caught.value.status, caught.value.code) == (401, "INVALID_API_KEY")
    assert caught.value.request_id.startswith("req_")


@pytest.mark.stack
def test_sees_a_limit_and_how_long_to_wait(client, settings):
    settings.API_RATE_LIMIT = "1/3600"
    client.request("GET", "/me")
    with pytest.raises(OrbitRateLimitError) as caught:
        client.request("GET", "/me")
    assert caught.value.code == "RATE_LIMIT_EXCEEDED"
    assert 1 <= caught.value.retry_after <= 3600
    assert caught.value.request_id.startswith("req_")


@pytest.mark.stack
def test_goes_on_after_a_limit_with_the_same_key(live_server, secret, settings, monkeypatch):
    """429 is not kept: the retry with the same Idempotency-Key does the work."""
    settings.API_RATE_LIMIT = "1/3600"
    client = client_of(live_server, secret)
    client.request("GET", "/me")
    waited = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        settings.API_RATE_LIMIT = "100/3600"

    give_clock(monkeypatch, client_module, sleep=wait)
    fields = {"name": "After a while", "scopes": ["messages:read"]}
    client.request("POST", "/settings/api-keys", json_body=fields)
    assert len(waited) == 1
    assert ApiKey.objects.filter(name="After a while").count() == 1


def test_sees_a_fault_of_the_server(client, monkeypatch):
    def fail(self, request):
        raise RuntimeError

    monkeypatch.setattr(MeView, "get", fail)
    with pytest.raises(OrbitServerError) as caught:
        client.request("GET", "/me")
    assert (caught.value.status, caught.value.code) == (500, "INTERNAL_ERROR")
    assert caught.value.request_id.startswith("req_")


def test_a_call_that_is_repeated_does_its_work_once(client):
    fields = {"name": "Once", "scopes": ["messages:read"]}
    key = str(uuid.uuid4())
    answers = [
        client.request("POST", "/settings/api-keys", json_body=fields, idempotency_key=key)
        for _ in range(3)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert ApiKey.objects.filter(name="Once").count() == 1
