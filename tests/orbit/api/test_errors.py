"""Every failure has the one shape."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404
from rest_framework import exceptions as drf

from orbit.accounts.models import AuditEvent
from orbit.api.error_codes import ERROR_CODES
from orbit.api.errors import ApiError
from orbit.api.views import ApiView
from tests.factories import make_api_key

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.orbit.api.probe")]

JSON = "application/json"


def shaped(response) -> dict:
    """Check everything that every error has in common, and return its `error`."""
    body = response.json()
    assert response["Content-Type"] == JSON
    assert set(body) == {"error", "meta"}
    assert set(body["error"]) == {"code", "message", "status", "details"}
    assert body["error"]["status"] == response.status_code
    assert response.status_code in ERROR_CODES[body["error"]["code"]].statuses
    meta = body["meta"]
    assert set(meta) == {"request_id", "timestamp", "docs_url"}
    assert re.fullmatch("req_[0-9a-f]{32}", meta["request_id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", meta["timestamp"])
    assert response["X-Request-Id"] == meta["request_id"]
    assert meta["docs_url"].endswith(f"/docs/errors/{body['error']['code']}")
    return body["error"]


FAILURES = {
    "unknown path": (lambda api: api.get("/v1/nothing/here"), 404, "NOT_FOUND"),
    "the root itself": (lambda api: api.get("/v1"), 404, "NOT_FOUND"),
    "method": (lambda api: api.put("/v1/me"), 405, "METHOD_NOT_ALLOWED"),
    "invented method": (lambda api: api.generic("BREW", "/v1/me"), 405, "METHOD_NOT_ALLOWED"),
    "media type": (
        lambda api: api.post("/v1/probe", "a=1", content_type="application/x-www-form-urlencoded"),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "no media type": (
        lambda api: api.post("/v1/probe", "{}", content_type=""),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "broken JSON": (
        lambda api: api.post("/v1/probe", "{", content_type=JSON),
        400,
        "VALIDATION_ERROR",
    ),
    "large body": (
        lambda api: api.post("/v1/probe", b" " * (ApiView.max_body_bytes + 1), content_type=JSON),
        400,
        "VALIDATION_ERROR",
    ),
    "chunked body": (
        lambda api: api.post("/v1/probe", headers={"Transfer-Encoding": "chunked"}),
        400,
        "VALIDATION_ERROR",
    ),
    "length that is none": (
        lambda api: api.generic("POST", "/v1/probe", CONTENT_LENGTH="many"),
        422,
        "MISSING_REQUIRED_FIELD",
    ),
    "unknown host": (
        lambda api: api.get("/v1/me", headers={"Host": "evil.example"}),
        400,
        "VALIDATION_ERROR",
    ),
    "unknown query": (lambda api: api.get("/v1/me?a=1"), 422, "VALIDATION_ERROR"),
    "NUL in an id": (lambda api: api.get("/v1/settings/api-keys/%00"), 404, "NOT_FOUND"),
    "no scope declared": (lambda api: api.get("/v1/probe/undeclared"), 500, "INTERNAL_ERROR"),
    "operators only": (lambda api: api.get("/v1/probe/operators"), 404, "NOT_FOUND"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_has_the_shape(api, failure):
    call, status, code = FAILURES[failure]
    response = call(api)
    error = shaped(response)
    assert (response.status_code, error["code"]) == (status, code)


@pytest.mark.parametrize("debug", [False, True])
def test_a_host_that_is_not_served_is_refused_in_json_also_when_debugging(api, settings, debug):
    settings.DEBUG = debug
    shaped(api.get("/v1/me", headers={"Host": "evil.example"}))


def test_a_request_without_credentials_gets_401_and_a_challenge(anonymous):
    response = anonymous.get("/v1/me")
    assert shaped(response)["code"] == "UNAUTHORIZED"
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_with_a_wrong_key_an_unknown_path_is_not_found_either(anonymous):
    response = anonymous.get("/v1/nothing/here", headers={"X-API-Key": "sk_wrong"})
    assert (response.status_code, shaped(response)["code"]) == (404, "NOT_FOUND")


def test_405_says_what_is_allowed(api):
    assert api.put("/v1/me")["Allow"] == "GET, HEAD, OPTIONS"


def test_an_unexpected_fault_shows_no_internals(api, probe, caplog):
    def fail(view):
        raise RuntimeError("the password is hunter2")

    probe(fail)
    response = api.post("/v1/probe")
    assert shaped(response)["code"] == "INTERNAL_ERROR"
    assert "hunter2" not in response.content.decode()
    assert response["X-Request-Id"] in caplog.text


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (Http404("secret"), 404),
        (PermissionDenied("secret"), 403),
        (SuspiciousOperation("secret"), 400),
        (RequestDataTooBig("secret"), 400),
        (DisallowedHost("secret"), 400),
        (drf.NotAuthenticated("secret"), 401),
        (drf.ValidationError("secret"), 422),
        (drf.NotAcceptable("secret"), 400),
    ],
)
def test_exceptions_of_the_frameworks_are_translated(api, probe, raised, status):
    def fail(view):
        raise raised

    probe(fail)
    response = api.post("/v1/probe")
    shaped(response)
    assert response.status_code == status
    assert "secret" not in response.content.decode()


def test_a_fault_in_another_middleware_is_shaped_as_well(api, monkeypatch):
    def fail(self, request):
        raise RuntimeError("internals")

    monkeypatch.setattr(
        "django.contrib.sessions.middleware.SessionMiddleware.process_request", fail
    )
    response = api.get("/v1/me")
    assert shaped(response)["code"] == "INTERNAL_ERROR"
    assert "internals" not in response.content.decode()


def test_a_raised_error_changes_nothing(api, probe, key):
    def fail(view):
        view.worked()
        raise ApiError("INVALID_STATE", "Not now.")

    probe(fail)
    assert shaped(api.post("/v1/probe"))["code"] == "INVALID_STATE"
    assert not AuditEvent.objects.filter(action="probe").exists()


def test_an_error_that_commits_keeps_what_was_written(api, probe):
    def refuse(view):
        view.worked()
        raise ApiError("SECRET_ALREADY_REVEALED", "Gone.", commits=True)

    probe(refuse)
    assert shaped(api.post("/v1/probe"))["code"] == "SECRET_ALREADY_REVEALED"
    assert AuditEvent.objects.filter(action="probe").exists()


def test_another_organisations_id_answers_as_one_that_never_was(api):
    theirs = make_api_key().key.pk
    never = "key_" + "0" * 32
    answers = [api.get(f"/v1/settings/api-keys/{pk}").json()["error"] for pk in (theirs, never)]
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 404


def test_an_error_names_a_status_that_its_code_has():
    with pytest.raises(ValueError, match="never answered with 200"):
        ApiError("NOT_FOUND", "…", status=200)
    with pytest.raises(KeyError):
        ApiError("NO_SUCH_CODE", "…")


def test_a_refusal_for_rights_is_audited_where_the_view_says_so(anonymous):
    new = make_api_key(role="developer")
    response = anonymous.get("/v1/probe/cred_1/reveal", headers={"X-API-Key": new.secret})
    assert shaped(response)["code"] == "INSUFFICIENT_PERMISSIONS"
    event = AuditEvent.objects.get(action="probe.revealed")
    assert (event.outcome, event.target) == ("refused", "cred_1")
    assert event.organization_id == new.key.organization_id


def test_head_and_options_spend_nothing(api):
    assert api.head("/v1/probe/cred_1/reveal").status_code == 405
    options = api.options("/v1/probe/cred_1/reveal")
    assert (options.status_code, options["Allow"]) == (204, "GET, OPTIONS")
    assert not AuditEvent.objects.filter(action="probe.revealed").exists()
    assert api.get("/v1/probe/cred_1/reveal").status_code == 200
    assert AuditEvent.objects.filter(action="probe.revealed").count() == 1


def test_a_head_of_an_ordinary_resource_has_its_headers_and_no_body(api):
    response = api.head("/v1/me")
    assert (response.status_code, response.content) == (200, b"")
    assert response["X-Request-Id"].startswith("req_")
