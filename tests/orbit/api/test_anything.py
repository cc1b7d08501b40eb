"""Whatever is sent, the answer is one of ours and never a fault of the server."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db

JSON = "application/json"
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
fields = st.dictionaries(
    st.sampled_from(["name", "scopes", "expires_in", "allowed_ips", "email", "password"])
    | st.text(),
    anything,
    max_size=6,
)
# One database transaction for all examples, like one long day of a server.
many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def is_ours(response) -> bool:
    body = response.json()
    return response.status_code < 500 and set(body) <= {"data", "error", "meta"}


@many
@given(body=anything | fields)
@pytest.mark.parametrize("path", ["/v1/settings/api-keys", "/v1/auth/login", "/v1/auth/refresh"])
def test_any_json(api, path, body):
    assert is_ours(api.generic("POST", path, json.dumps(body), content_type=JSON))


@many
@given(raw=st.binary(max_size=200))
def test_any_bytes(api, raw):
    assert is_ours(api.generic("POST", "/v1/settings/api-keys", raw, content_type=JSON))


@many
@given(query=st.dictionaries(st.sampled_from(["cursor", "limit", "action", "actor"]), st.text()))
def test_any_query(api, query):
    text = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in query.items())
    assert is_ours(api.get(f"/v1/audit-events?{text}"))


@many
@given(name=st.text(min_size=1))
def test_any_path(api, name):
    path = quote(name, safe="", errors="replace")
    assert is_ours(api.get(f"/v1/settings/api-keys/{path}"))


@many
@given(
    value=st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0")),
    header=st.sampled_from(
        ["X-API-Key", "Authorization", "If-Match", "Idempotency-Key", "X-Forwarded-For", "Accept"]
    ),
)
def test_any_header(api, header, value):
    assert is_ours(api.post("/v1/settings/api-keys", headers={header: value}))
