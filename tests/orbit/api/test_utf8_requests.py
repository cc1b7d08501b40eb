"""Text is UTF-8, whatever charset a Content-Type names."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory

from orbit.api.utf8_requests import Utf8Request
from orbit.wsgi import application

pytestmark = pytest.mark.django_db

UNREADABLE = ["charset*=nope''x", "charset*=undefined''x"]
NO_TEXT = ["charset=hex", "charset=undefined", "charset=utf-16", "charset=unicode_escape"]


def environ(content_type: str, query: str = "", body: bytes = b"") -> dict[str, Any]:
    made = RequestFactory().generic("POST", "/v1/auth/refresh").environ
    return made | {
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "QUERY_STRING": query,
        "wsgi.input": BytesIO(body),
    }


@pytest.mark.parametrize("charset", [*UNREADABLE, *NO_TEXT, "charset=\0"])
def test_the_application_answers_whatever_charset_is_named(charset):
    statuses: list[str] = []

    application(
        environ(f"application/json; {charset}", "a=%FF", b'{"refresh_token": "x"}'),
        lambda status, headers: statuses.append(status),
    )

    assert statuses[0].startswith("4")


@pytest.mark.parametrize("charset", NO_TEXT)
def test_a_form_and_a_query_string_are_utf_8(charset):
    request = Utf8Request(
        environ(f"application/x-www-form-urlencoded; {charset}", "a=%C3%A9", b"b=%C3%A9&c=\\ud800")
    )

    assert (request.GET["a"], request.POST["b"], request.POST["c"]) == ("é", "é", "\\ud800")


@pytest.mark.parametrize("charset", UNREADABLE)
def test_the_type_stays_where_its_parameters_are_unreadable(charset):
    request = Utf8Request(environ(f"Application/JSON; {charset}"))

    assert (request.content_type, request.content_params) == ("application/json", {})
