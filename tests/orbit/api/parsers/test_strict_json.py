"""What counts as JSON."""

from __future__ import annotations

import json

import pytest
from rest_framework.exceptions import ParseError

from orbit.api.parsers.strict_json import MAX_DEPTH, parse

JSON = "application/json"


def test_nothing_is_an_empty_object():
    assert parse(b"") == {}


@pytest.mark.parametrize("value", [b'{"a": "\xc3\xa9"}', b"[1, 2.5, null]", b"7", b"  {} "])
def test_json_is_read(value):
    parse(value)


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b" ",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b'{"b": {"a": 1, "a": 2}}',
        b'{"a": "\xff"}',
        "{}".encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
        b"9" * 5000,
        b'{"a": 1} trailing',
    ],
)
def test_what_is_no_json_is_refused(raw):
    with pytest.raises(ParseError):
        parse(raw)


@pytest.mark.django_db
@pytest.mark.urls("tests.orbit.api.probe")
class TestOverHttp:
    def test_a_post_with_no_body_and_no_content_type_is_an_empty_object(self, api, probe):
        probe(lambda view: view.ok({"read": view.request.data}))
        response = api.generic("POST", "/v1/probe", content_type="")
        assert response.json()["data"] == {"read": {}}

    def test_so_is_one_with_a_content_type(self, api, probe):
        probe(lambda view: view.ok({"read": view.request.data}))
        response = api.generic("POST", "/v1/probe", content_type=JSON)
        assert response.json()["data"] == {"read": {}}

    def test_the_charset_may_be_named(self, api):
        response = api.post("/v1/probe", {"name": "é"}, content_type=f"{JSON}; charset=utf-8")
        assert response.json()["data"]["name"] == "é"

    @pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", ""])
    def test_the_answer_is_json_whatever_is_accepted(self, api, accept):
        response = api.get("/v1/me", headers={"Accept": accept})
        assert (response.status_code, response["Content-Type"]) == (200, JSON)

    def test_an_array_is_no_body(self, api):
        response = api.post("/v1/probe", [1], content_type=JSON)
        assert response.status_code == 422


def test_values_are_counted_where_a_limit_is_given():
    assert parse(b'{"a": [1, 2, 3]}', max_values=5) == {"a": [1, 2, 3]}
    with pytest.raises(ParseError, match="more than 3 values"):
        parse(b'{"a": [1, 2, 3]}', max_values=3)


def test_commas_in_texts_are_no_values():
    text = ',[{"' * 100 + "\\"
    assert parse(json.dumps([text]).encode(), max_values=2) == [text]
    for broken in (b'["' + b"," * 10, b'["\\' + b'\\"' * 10, b'["' + b"," * 10 + b"\\"):
        with pytest.raises(ParseError):
            parse(broken, max_values=2)
