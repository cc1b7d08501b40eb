"""The documentation that the server itself gives."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from messaging.campaigns.rendering import NO_VARIABLE, TOO_LONG
from messaging.campaigns.scheduler import CANCELLED
from messaging.messages.dispatch.outcome import REJECTED
from messaging.messages.error_codes import OUTCOMES
from messaging.messages.transitions import OUTCOME_UNKNOWN
from messaging.routing.values import NO_ROUTE, NO_SENDER
from orbit.api import docs
from orbit.api.error_codes import ERROR_CODES
from tests import openapi
from tests.openapi import resolved

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", ERROR_CODES)
def test_every_code_has_a_page(client, code):
    response = client.get(f"/docs/errors/{code}")
    text = response.content.decode()
    entry = ERROR_CODES[code]
    assert response.status_code == 200
    assert code in text
    assert entry.title in text
    assert all(str(status) in text for status in entry.statuses)
    assert "request_id" in text


@pytest.mark.parametrize("code", [each.code for each in OUTCOMES])
def test_every_code_of_a_message_has_a_page(client, code):
    (outcome,) = [each for each in OUTCOMES if each.code == code]
    response = client.get(f"/docs/errors/{code}")
    text = html.unescape(response.content.decode())
    assert response.status_code == 200
    assert code in text
    assert outcome.title in text
    assert outcome.remedy in text
    assert f"/docs/errors/{code}" in client.get("/docs/errors").content.decode()


def test_the_codes_that_the_code_gives_to_messages_are_among_them():
    given = {NO_ROUTE, NO_SENDER, OUTCOME_UNKNOWN, REJECTED, TOO_LONG, NO_VARIABLE, CANCELLED}
    given |= {"NOT_SENT_IN_TIME", "NO_RECEIPT", "EXPIRED", "UNDELIV", "REJECTD", "DELETED"}
    assert given <= {each.code for each in OUTCOMES}


@pytest.mark.parametrize("spelling", ["not_found", "Not_Found"])
def test_a_code_is_found_in_any_case(client, spelling):
    assert "NOT_FOUND" in client.get(f"/docs/errors/{spelling}").content.decode()


def test_an_unknown_code_has_no_page(client):
    response = client.get("/docs/errors/NO_SUCH_CODE")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_the_index_lists_them_all(client):
    text = client.get("/docs/errors").content.decode()
    assert all(f"/docs/errors/{code}" in text for code in ERROR_CODES)


def test_docs_url_leads_to_the_page(client):
    url = client.get("/v1/nothing").json()["meta"]["docs_url"]
    assert url == "http://testserver/docs/errors/NOT_FOUND"
    assert client.get(url).status_code == 200


def test_the_example_of_an_error_names_this_site(client):
    text = html.unescape(client.get("/docs/errors/NOT_FOUND").content.decode())
    assert '"docs_url": "http://testserver/docs/errors/NOT_FOUND"' in text


def test_there_is_an_icon(client):
    response = client.get("/favicon.ico")
    assert response["Content-Type"] == "image/svg+xml"
    assert ElementTree.fromstring(response.content).tag.endswith("svg")


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/errors", "/docs/errors/NOT_FOUND"])
def test_no_page_loads_anything_from_outside(client, path):
    text = client.get(path).content.decode()
    loaded = re.findall(r"(?:src|href)=\"?([^\"\s>]+)", text)
    assert not [address for address in loaded if re.match("(https?:)?//", address)]


def test_the_landing_page_leads_to_everything(client):
    text = client.get("/").content.decode()
    for path in ("/docs", "/docs/errors", "/openapi.json", "/admin/", "/readyz"):
        assert f'href="{path}"' in text


def test_the_page_of_the_api_has_no_secret_and_no_inline_script(client, settings):
    response = client.get("/docs")
    text = response.content.decode()
    assert "swagger-ui" in text
    assert "drf_spectacular_sidecar" in text
    assert "<script>" not in text
    script = client.get("/docs?script=").content.decode()
    assert "/openapi.json" in script
    for secret in (settings.SECRET_KEY, settings.AUDIT_KEY, *settings.FERNET_KEYS):
        assert secret not in text + script


@cache
def read_schema() -> dict:
    """Once: it takes a while to make, and is the same for all."""
    response = Client().get("/openapi.json")
    assert response["Content-Type"] == "application/json"
    return response.json()


class TestOpenApi:
    @pytest.fixture
    def schema(self, client) -> dict:
        return read_schema()

    def test_it_is_valid_and_without_warnings(self, tmp_path):
        call_command(
            "spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml")
        )

    def test_both_ways_in_are_named(self, schema):
        schemes = schema["components"]["securitySchemes"]
        assert schemes["ApiKey"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
        assert schemes["Bearer"]["scheme"] == "bearer"
        assert schema["security"] == [{"ApiKey": []}, {"Bearer": []}]
        assert "security" not in schema["paths"]["/v1/me"]["get"]
        assert schema["paths"]["/v1/auth/login"]["post"]["security"] == [{}]

    def test_answers_are_enveloped_and_have_examples(self, schema):
        get = schema["paths"]["/v1/settings/api-keys"]["get"]
        content = get["responses"]["200"]["content"]["application/json"]
        example = resolved(next(iter(content["examples"].values())))["value"]
        assert set(example) == {"data", "meta"}
        assert set(example["meta"]["pagination"]) == {
            "cursor",
            "has_more",
            "total",
            "total_is_estimate",
        }
        name = content["schema"]["$ref"].rsplit("/", 1)[1]
        assert set(schema["components"]["schemas"][name]["properties"]) == {"data", "meta"}

    def test_bodies_that_are_shown_are_taken_by_their_schemas(self, schema):
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                contents = operation.get("requestBody", {}).get("content", {})
                for content in contents.values():
                    whole = content["schema"] | {"components": schema["components"]}
                    for example in content.get("examples", {}).values():
                        found = Draft202012Validator(whole).iter_errors(example["value"])
                        # OpenAPI 3.0 says `nullable`, which JSON Schema does not know.
                        faults = [each.message for each in found if each.instance is not None]
                        assert faults == [], (path, method)

    def test_answers_that_are_shown_are_as_their_schemas_say(self):
        for _, operation in openapi.operations():
            for response in operation["responses"].values():
                for content in resolved(response).get("content", {}).values():
                    for example in content.get("examples", {}).values():
                        openapi.check(resolved(example)["value"], content["schema"])

    def test_what_is_answered_to_a_body_that_cannot_be_read_is_described(self, schema):
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                if "requestBody" in operation:
                    assert {"400", "415"} <= set(operation["responses"]), (path, method)
        batch = schema["paths"]["/v1/messages/sms/batch"]["post"]["responses"]
        examples = resolved(batch["400"])["content"]["application/json"]["examples"]
        shown = [resolved(each)["value"] for each in examples.values()]
        assert [each["error"]["status"] for each in shown] == [400]

    def test_errors_have_their_shape_and_examples(self, schema):
        post = schema["paths"]["/v1/settings/api-keys"]["post"]
        refused = resolved(post["responses"]["403"])["content"]["application/json"]
        assert refused["schema"]["$ref"].endswith("/ErrorAnswer")
        assert "INSUFFICIENT_PERMISSIONS" in str(refused["examples"])
        assert {"401", "403", "422", "429", "500"} <= set(post["responses"])

    def test_examples_of_errors_have_whole_addresses(self, schema):
        assert '"docs_url": "/' not in json.dumps(schema)
        assert "https://sms.example.com/docs/errors/NOT_FOUND" in json.dumps(schema)

    def test_operations_are_grouped_by_what_they_are_about(self, schema):
        named = [tag["name"] for tag in schema["tags"]]
        groups = {
            tag
            for operations in schema["paths"].values()
            for operation in operations.values()
            for tag in operation["tags"]
        }
        assert groups == set(named)
        assert named[0] == "credentials"
        reveal = "/v1/messaging/smpp/credentials/{credential_id}/reveal"
        assert schema["paths"][reveal]["get"]["tags"] == ["credentials"]
        assert schema["paths"]["/v1/messaging/smpp/gateways"]["get"]["tags"] == ["operators"]

    @pytest.mark.parametrize("path", ["/healthz", "/readyz"])
    def test_health_is_answered_as_it_is_described(self, schema, client, path):
        answer = client.get(path)
        described = schema["paths"][path]["get"]["responses"][str(answer.status_code)]
        content = described["content"]["application/json"]
        whole = content["schema"] | {"components": schema["components"]}
        for value in (answer.json(), content["example"]):
            Draft202012Validator(whole).validate(value)

    def test_metrics_ask_for_their_token(self, schema):
        assert schema["paths"]["/metrics"]["get"]["security"] == [{"MetricsToken": []}]
        assert schema["components"]["securitySchemes"]["MetricsToken"]["scheme"] == "bearer"

    def test_every_operation_of_the_api_is_described(self, schema):
        bare = [
            (path, method)
            for path, operations in schema["paths"].items()
            for method, operation in operations.items()
            if not operation.get("summary")
        ]
        assert bare == []

    def test_parameters_and_scopes_come_from_the_view(self, schema):
        keys = schema["paths"]["/v1/settings/api-keys"]
        names = {resolved(parameter)["name"] for parameter in keys["get"]["parameters"]}
        assert names == {"limit", "cursor"}
        [key] = map(resolved, keys["post"]["parameters"])
        assert (key["in"], key["name"]) == ("header", "Idempotency-Key")
        assert "`api_keys:write`" in keys["post"]["description"]


@pytest.mark.parametrize("query", ["version=%0D%0Ax", "lang=%00", "lang=xx", "format=x"])
@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_documents_take_no_parameters(path, query):
    """A language that a client names would be kept for good, and a version stood in a header."""
    client = Client(raise_request_exception=False)
    answer = client.get(f"{path}?{query}", headers={"Accept": "image/png"})

    assert answer.status_code == 200
    if path == "/openapi.json":
        assert answer.content == client.get(path).content
    assert client.post(path).status_code == 405


def test_the_document_is_made_once(monkeypatch):
    read_schema()
    monkeypatch.setattr(docs.SchemaGenerator, "get_schema", None)
    assert read_schema()["paths"]
