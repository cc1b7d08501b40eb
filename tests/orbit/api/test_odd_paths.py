"""Paths with what no path has: they are unknown, never a fault of ours."""

from __future__ import annotations

import logging

import pytest
from django.http import HttpResponse
from django.test import Client

from orbit.api.middleware import RequestIdMiddleware
from tests.factories import make_api_key

PATHS = (
    "/v1/messaging/smpp/credentials/{}",
    "/v1/messaging/smpp/carriers/{}/tests/{}",
    "/v1/messages/{}",
    "/v1/campaigns/{}/recipients",
    "/v1/webhooks/{}",
    "/v1/settings/api-keys/{}",
    "/docs/errors/{}",
    "/password/{}/{}",
)


@pytest.mark.django_db
@pytest.mark.sqlite
@pytest.mark.parametrize("odd", ["%00", "cred_%00", "%ED%A0%80", "%FF", "%EF%BC%91"])
@pytest.mark.parametrize("path", PATHS)
def test_an_odd_path_is_no_fault(path, odd):
    headers = {"X-API-Key": make_api_key().secret}
    client = Client(raise_request_exception=False)

    answer = client.get(path.format(odd, odd), headers=headers)

    assert 200 <= answer.status_code < 500
    if path.startswith("/v1"):
        assert answer.status_code in (404, 405)


def test_a_nul_reaches_no_view(rf):
    """SQLite finds nothing by it, PostgreSQL refuses to look: so the path itself is changed."""
    seen: list[str] = []

    def view(request):
        seen.append(request.path_info)
        return HttpResponse()

    RequestIdMiddleware(view)(rf.get("/docs/errors/%00"))

    assert seen == ["/docs/errors/\ufffd"]


def test_a_site_below_a_prefix_logs_no_number_of_a_person(rf, caplog):
    request = rf.delete("/v1/people/+33639980001", SCRIPT_NAME="/sms")
    with caplog.at_level(logging.INFO, "orbit.api.middleware"):
        RequestIdMiddleware(lambda request: HttpResponse())(request)

    assert "/v1/people/*" in caplog.text
    assert "39980001" not in caplog.text
