"""What frames every request: its id, its slash, its line in the log."""

from __future__ import annotations

import logging
import re

import pytest
from django.test import Client

from orbit.api.views import content_length

pytestmark = pytest.mark.django_db

PATHS = ["/v1/me", "/v1/nothing", "/healthz", "/docs/errors", "/nothing", "/", "/admin/login/"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_an_id(client, path):
    names = dict(client.get(path).headers.items())
    assert re.fullmatch("req_[0-9a-f]{32}", names["X-Request-Id"])  # in this very spelling


def test_it_is_new_each_time_whatever_the_client_says(client):
    ids = {
        client.get("/healthz", headers={"X-Request-Id": "mine"})["X-Request-Id"] for _ in range(3)
    }
    assert len(ids) == 3
    assert "mine" not in ids


def test_it_is_in_the_body(api):
    response = api.get("/v1/me")
    meta = response.json()["meta"]
    assert meta["request_id"] == response["X-Request-Id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", meta["timestamp"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/me", 200),
        ("GET", "/v1/settings/api-keys", 200),
        ("POST", "/v1/settings/api-keys", 422),
        ("GET", "/v1/audit-events", 200),
        ("POST", "/v1/auth/login", 422),
        ("GET", "/v1/nothing", 404),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 503),  # no worker runs
        ("GET", "/metrics", 404),
        ("GET", "/openapi.json", 200),
        ("GET", "/docs", 200),
        ("GET", "/docs/errors", 200),
        ("GET", "/docs/errors/NOT_FOUND", 200),
    ],
)
def test_a_slash_at_the_end_is_optional(api, method, path, status):
    assert [api.generic(method, path + end).status_code for end in ("", "/")] == [status, status]


def test_the_log_has_a_line_without_the_query(api, caplog):
    with caplog.at_level(logging.INFO, "orbit.api.middleware"):
        response = api.get("/v1/audit-events?target=private%0Aline")
        api.get("/v1/two%0Alines")
    lines = [record.getMessage() for record in caplog.records if "middleware" in record.name]
    expected = rf"GET /v1/audit-events 200 \d+ms {response['X-Request-Id']} 127\.0\.0\.1"
    assert re.fullmatch(expected, lines[0])
    assert "\n" not in lines[1]


def test_answers_are_not_stored_by_caches(api):
    assert api.get("/v1/me")["Cache-Control"] == "no-store"


def test_a_path_beside_the_api_is_a_page(client):
    response = client.get("/nothing")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")
    assert "X-RateLimit-Limit" not in response


@pytest.mark.sqlite
@pytest.mark.parametrize("path", ["/admin/", "/v1/me"])
def test_a_cookie_with_a_nul_is_none(path):
    """PostgreSQL refuses to look for such a session."""
    cookie = 'sessionid="\\000' + "a" * 32 + '"'
    answer = Client(raise_request_exception=False).get(path, headers={"Cookie": cookie})

    assert answer.status_code in (302, 401)


def test_content_length_is_read_as_django_reads_it(rf):
    def length(text: str) -> int:
        return content_length(rf.post("/", CONTENT_LENGTH=text))

    assert [length(each) for each in ("7", "+7", "1_0", "-5", "", "abc", "9" * 5000)] == [
        7, 7, 10, 0, 0, 0, 0,
    ]  # fmt: skip
