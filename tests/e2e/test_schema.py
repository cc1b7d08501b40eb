"""The OpenAPI document, and whether the running site does what it says, whatever it is sent."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from messaging.credentials.models import BindType, MessageIdFormat, TlsVerify
from messaging.credentials.serializers import CredentialSerializer
from messaging.smpp.protocol.tlv import TYPES
from orbit.api.answers import written_names
from orbit.api.views import ApiView
from tests import openapi
from tests.e2e.api import CREDENTIALS, Answer, Api
from tests.e2e.routes import api_routes

pytestmark = pytest.mark.stack

HEALTH = {"GET /healthz", "GET /readyz", "GET /metrics"}
BODY = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}


@pytest.fixture
def document(site) -> dict[str, Any]:
    answer = Api(site.base_url).get("/openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    return answer.json


def test_the_document_is_valid(document):
    validate_schema(document)


def test_the_document_is_small(site, document):
    size = len(Api(site.base_url).get("/openapi.json").body)

    assert size < 3_450 * len(dict(openapi.operations(document)))


def test_it_shows_no_docstring_of_ours(document):
    own = (ApiView.__doc__ or "").partition("\n")[0]

    assert own
    assert [
        name for name, each in openapi.operations(document) if own in each.get("description", "")
    ] == []


def test_every_route_is_in_it_with_every_method_and_nothing_else(document):
    served = {f"{method} {route.path}" for route in api_routes() for method in route.methods}

    assert dict(openapi.operations(document)).keys() == served | HEALTH


def test_every_operation_is_explained_and_shows_its_errors(document):
    for name, operation in openapi.operations(document):
        assert operation["summary"], name
        if name in HEALTH:
            continue
        parameters = [openapi.resolved(each, document) for each in operation.get("parameters", [])]
        named = {each["name"] for each in parameters if each["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", name)), name
        statuses = operation["responses"].keys()
        expected = {"400", "401", "422", "429", "500", "503"}
        assert expected <= statuses, name
        for status, response in operation["responses"].items():
            if status >= "400":
                (content,) = openapi.resolved(response, document)["content"].values()
                assert content["schema"] == {"$ref": "#/components/schemas/ErrorAnswer"}, name
                assert content["examples"], name


def test_credentials_are_documented_with_examples(document):
    for name, operation in openapi.operations(document):
        if CREDENTIALS in name and "DELETE" not in name:
            (success,) = (r for s, r in operation["responses"].items() if s < "300")
            (content,) = success["content"].values()
            for example in content["examples"].values():
                value = openapi.resolved(example, document)["value"]
                openapi.check(value, content["schema"], document)


# -- answers against the document ------------------------------------------------------------


def check_answer(document: dict, operation: str, answer: Answer) -> None:
    response = dict(openapi.operations(document))[operation]["responses"][str(answer.status)]
    (content,) = openapi.resolved(response, document)["content"].values()
    openapi.check(answer.json, content["schema"], document)


def test_answers_are_as_the_document_says(document, api):
    one = CREDENTIALS + "/{credential_id}"
    created = api.post(CREDENTIALS, BODY)
    path = f"{CREDENTIALS}/{created.data['id']}"
    answers = {
        f"POST {CREDENTIALS}": [created, api.post(CREDENTIALS, BODY), api.post(CREDENTIALS, {})],
        f"GET {CREDENTIALS}": [api.get(CREDENTIALS), api.get(CREDENTIALS, params={"limit": 0})],
        f"GET {one}": [api.get(path), api.get(path + "0"), Api(api.base_url).get(path)],
        f"PATCH {one}": [api.patch(path, {"name": "A"}), api.patch(path, {"port": 0})],
        f"POST {one}/rotate": [api.rotate(created.data["id"]), api.rotate(created.data["id"], [])],
        f"GET {one}/reveal": [api.reveal(created.data["id"]) for _ in range(3)],
        "GET /v1/me": [api.get("/v1/me")],
        "GET /v1/audit-events": [api.get("/v1/audit-events")],
        "GET /v1/settings/api-keys": [api.get("/v1/settings/api-keys")],
    }
    assert [a.status for a in answers[f"GET {one}/reveal"]] == [200, 200, 410]

    for operation, several in answers.items():
        for answer in several:
            check_answer(document, operation, answer)


# -- anything at all -------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
CARRIER_TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=14)
PLAUSIBLE = {
    "name": st.text(max_size=70),
    "host": st.sampled_from(["127.0.0.1", "127.0.0.2", "::1", "8.8.8.8", "a..b", "127.1", "x/y"])
    | st.text(max_size=10),
    "port": st.integers(-1, 70_000),
    "system_id": CARRIER_TEXT,
    "password": CARRIER_TEXT,
    "system_type": CARRIER_TEXT,
    "bind_type": st.sampled_from([*BindType.values, "", "Transceiver"]),
    "tls": st.booleans(),
    "tls_verify": st.sampled_from([*TlsVerify.values, "half"]),
    "tls_ca": st.none() | st.text(max_size=40),
    "tls_server_name": st.none() | st.sampled_from(["smpp.example.com", "127.0.0.1", "a..b"]),
    "tls_certificate": st.none() | st.text(max_size=40),
    "tls_key": st.none() | st.text(max_size=40),
    "tlvs": st.lists(
        st.fixed_dictionaries(
            {
                "tag": st.sampled_from(["0x1400", "0x1401", "0x0424", "1400"]),
                "type": st.sampled_from([*TYPES, "text"]),
                "value": st.text(max_size=5) | st.integers(-1, 70_000),
            }
        ),
        max_size=11,
    ),
    "throughput": st.none() | st.integers(0, 1001),
    "window": st.integers(0, 101),
    "enquire_link_interval": st.integers(4, 301),
    "max_binds": st.none() | st.integers(0, 101),
    "message_id_format": st.sampled_from([*MessageIdFormat.values, "hex"]),
    "gsm_data_coding": st.integers(0, 4),
    "bind_ton": st.integers(-1, 7),
    "bind_npi": st.integers(-1, 19),
    "address_range": CARRIER_TEXT,
    "addressing": st.dictionaries(
        st.sampled_from(["long_code", "short_code", "alphanumeric", "destination", "plus", "x"]),
        st.lists(st.integers(0, 9), min_size=2, max_size=2) | st.booleans(),
        max_size=3,
    ),
    "enabled": st.booleans(),
    "current_password": st.text(max_size=9),
    "verify": st.booleans(),
    "nonsense": ANYTHING,
}
# Mostly plausible values, so that many bodies get far; each may be anything.
BODIES = st.fixed_dictionaries(
    {}, optional={name: value | value | value | ANYTHING for name, value in PLAUSIBLE.items()}
)
GOOD = {"host": st.just("127.0.0.1"), "system_id": st.just("a"), "password": st.just("b")}
FUZZ = settings(
    max_examples=50,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def check_shape(answer: Answer) -> None:
    """An answer of ours, never a failure of ours."""
    assert answer.status < 500, answer.body
    assert answer.headers["X-Request-Id"].startswith("req_")
    if answer.status == 204:
        return
    body = answer.json
    assert body["meta"]["request_id"] == answer.headers["X-Request-Id"]
    if answer.status < 300:
        assert body.keys() == {"data", "meta"}
        return
    assert body.keys() == {"error", "meta"}
    assert body["error"].keys() == {"code", "message", "status", "details"}
    assert body["error"]["status"] == answer.status
    assert body["meta"]["docs_url"].endswith(f"/docs/errors/{body['error']['code']}")
    if answer.status == 422:
        details = body["error"]["details"]
        assert details["field"] == details["errors"][0]["field"]
        assert details["expected"]


def check_echo(sent: object, answer: Answer) -> None:
    """What was taken is what was sent."""
    if answer.status not in (200, 201) or not isinstance(sent, dict):
        return
    for name in sent.keys() & set(written_names(CredentialSerializer)) - {
        "host",
        "addressing",
        "tlvs",
    }:
        assert answer.data[name] == sent[name]


def test_whatever_is_posted_is_answered_in_our_shape(api):
    # All required ones are there in most bodies, or few would come past the first check.
    bodies = st.one_of(
        BODIES,
        st.builds(lambda good, more: good | more, st.fixed_dictionaries(GOOD), BODIES),
        ANYTHING,
    )

    seen = set()

    @FUZZ
    @example(body=BODY)
    @example(body=BODY | {"name": "again"})
    @example(body={})
    @given(body=bodies)
    def post(body: object) -> None:
        answer = api.post(CREDENTIALS, json.dumps(body).encode())
        seen.add(answer.status)
        check_shape(answer)
        check_echo(body, answer)

    post()
    assert seen >= {201, 409, 422}  # taken, taken already, refused


def test_whatever_is_patched_is_answered_in_our_shape(api):
    path = f"{CREDENTIALS}/{api.add()['id']}"
    single = st.one_of([value.map(lambda v, n=name: {n: v}) for name, value in PLAUSIBLE.items()])

    seen = set()

    @FUZZ
    @example(body={"name": "again"})
    @example(body={"port": 0})
    @given(body=st.one_of(single, BODIES, ANYTHING))
    def patch(body: object) -> None:
        answer = api.patch(path, json.dumps(body).encode())
        seen.add(answer.status)
        check_shape(answer)
        check_echo(body, answer)

    patch()
    assert seen >= {200, 422}


def test_whatever_bytes_are_sent_are_answered_in_our_shape(api):
    one = api.add()["id"]
    types = ["application/json", "text/plain", "application/json; charset=latin-1", "", "a/b/c"]

    @FUZZ
    @given(
        body=st.binary(max_size=60) | st.text(max_size=30).map(str.encode),
        kind=st.sampled_from(types),
    )
    def send(body: bytes, kind: str) -> None:
        for method, path in (("POST", ""), ("PATCH", f"/{one}"), ("POST", f"/{one}/rotate")):
            check_shape(api.call(method, CREDENTIALS + path, body, headers={"Content-Type": kind}))

    send()


def test_whatever_is_asked_of_the_list_is_answered_in_our_shape(api):
    names = ["limit", "cursor", "q", "enabled", "sync_state", "bind_state", "nonsense"]
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.integers().map(str)

    @FUZZ
    @given(params=st.dictionaries(st.sampled_from(names), texts, max_size=3))
    def ask(params: dict[str, str]) -> None:
        check_shape(api.get(CREDENTIALS, params=params))

    ask()
