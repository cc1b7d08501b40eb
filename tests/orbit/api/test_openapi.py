"""The OpenAPI document and the server say the same.

Schemathesis makes requests from the document, valid ones and others. Each answer has a status and a
shape of the document, and none of the valid ones is refused but for a reason that no schema can
give: what has a `format` of ours, and fields that have to fit together.

`OPENAPI_EXAMPLES=50` asks for more of each operation, `OPENAPI_SEED` for those of another run.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from messaging.webhooks.models import Delivery
from tests.factories import make_api_key, make_operator_key
from tests.openapi import document, operations, resolved

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", 4))
SEED = int(os.environ.get("OPENAPI_SEED", random.randrange(2**32)))

# What a value of these formats can be here.
FORMATS = {
    "carrier-text": ["acme", "4ccount x"],
    "country": ["FR", "US"],
    "currency": ["EUR"],
    "e164": ["+33639980001", "+14155552671"],
    "ip-network": ["198.51.100.0/24"],
    "phone-number": ["+33639980001", "0639980001"],
    "printable": ["Orange FR", "日本"],
    "public-host": ["127.0.0.1"],
    "public-url": ["https://127.0.0.1/hook"],
    "sender": ["ACME", "+14155550100"],
    "sms-text": ["Hello", "Привет"],
    "template": ["Hello {{name}}"],
}
# Codes of what has been read and can't be done.
BEYOND_A_SCHEMA = {
    "BIND_VERIFICATION_FAILED",
    "IDEMPOTENCY_KEY_REUSED",
    "INVALID_CURSOR",
    "INVALID_PHONE_NUMBER",
    "INVALID_WEBHOOK_URL",
    "NO_ELIGIBLE_SENDER",
    "NO_ROUTE",
}
# Fields that have to fit to others, and fields of PATCH that say where else they are changed.
TOGETHER = {
    "tls_verify", "tls_key", "tls_certificate", "verify", "force", "activate", "discard", "type",
    "gateway", "organization_id", "created_before", "scheduled_at", "credential_id", "(body)",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A caller of each kind, and ids of what there is."""

    owner: dict[str, str]
    operator: dict[str, str]
    ids: dict[str, str]

    def headers(self, operation: dict[str, Any]) -> dict[str, str]:
        return self.operator if operation["tags"] == ["operators"] else self.owner


@pytest.fixture
def site(db) -> Iterator[Site]:
    key = make_api_key()
    client = Client(headers={"X-API-Key": key.secret})

    def post(path: str, **body: Any) -> str:
        answer = client.post(f"/v1/{path}", body, content_type="application/json")
        assert answer.status_code < 300, answer.content
        return answer.json()["data"]["id"]

    bind = {"host": "127.0.0.1", "system_id": "a", "password": "b"}
    credential_id = post("messaging/smpp/credentials", **bind)
    carrier = {"name": "A", "credential_id": credential_id, "countries": ["FR"]}
    carrier_id = post("messaging/smpp/carriers", **carrier)
    pool_id = post("messaging/sender-pools", name="P", members=[{"sender": "ACME"}])
    webhook_id = post("webhooks", url="https://127.0.0.1/", events=["*"])
    post(f"webhooks/{webhook_id}/test")
    ids = {
        "campaign_id": post("campaigns", name="C", body="Hello", sender_pool_id=pool_id),
        "carrier_id": carrier_id,
        "credential_id": credential_id,
        "delivery_id": Delivery.objects.get().pk,
        "key_id": post("settings/api-keys", name="K", scopes=["credentials:read"]),
        "message_id": post("messages/sms", to="+33639980001", body="Hello", sender_pool_id=pool_id),
        "pool_id": pool_id,
        "to": "+33639980001",
        "webhook_id": webhook_id,
    }
    # As Django's own client does it: the connection of the test stays open.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield Site({"X-API-Key": key.secret}, {"X-API-Key": make_operator_key().secret}, ids)
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.slow("asks each of 69 operations six times")
def test_the_server_does_what_the_document_says(site):
    print(f"OPENAPI_SEED={SEED} OPENAPI_EXAMPLES={EXAMPLES}")
    for name, values in FORMATS.items():
        schemathesis.openapi.format(name, st.sampled_from(values))
    schemathesis.openapi.format("reference", st.sampled_from(list(site.ids.values())))
    config = schemathesis.config.SchemathesisConfig.from_dict({"generation": {"allow-x00": False}})
    app = get_wsgi_application()
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
    faults: dict[str, str] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith("/v1/"):
            faults |= _faults(operation, site)
    assert not faults, "\n\n".join(f"{name}: {why}" for name, why in faults.items())


def _faults(operation: Any, site: Site) -> dict[str, str]:
    """What went wrong with requests of this operation."""
    faults: dict[str, str] = {}
    headers = site.headers(operation.definition.raw)

    def tried(mode: schemathesis.GenerationMode, examples: int) -> None:
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @seed(SEED)
        @given(case=operation.as_strategy(mode), is_there=st.booleans())
        def ask(case: Any, is_there: bool) -> None:
            if is_there:
                known = {name: site.ids.get(name, "x") for name in case.path_parameters}
                case.path_parameters = known
            response = case.call(headers=headers)
            try:
                case.validate_response(response, checks=_CHECKS)
            except schemathesis.core.failures.FailureGroup as group:
                faults[operation.label] = "\n".join(map(str, group.exceptions)) + response.text
            if mode is schemathesis.GenerationMode.POSITIVE and response.status_code in (400, 422):
                why = _refusal(response.json()["error"])
                if why:
                    faults[operation.label] = f"refused {case.body!r} {case.query!r}: {why}"

        ask()

    tried(schemathesis.GenerationMode.POSITIVE, EXAMPLES)
    if operation.body or operation.query:
        tried(schemathesis.GenerationMode.NEGATIVE, max(2, EXAMPLES // 2))
    return faults


_CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
]


def _refusal(error: dict[str, Any]) -> str:
    """Why a valid request was refused; "" where no schema could have said it."""
    if error["code"] in BEYOND_A_SCHEMA:
        return ""
    field = (error["details"] or {}).get("field") or ""
    names = {part.partition("[")[0] for part in field.split(".")}  # of `members[1].sender`
    if names & (TOGETHER | _with_format()):
        return ""
    return f"{error['code']} {error['message']}"


def _with_format() -> set[str]:
    """Names of fields and parameters that have a format, or whose items have one."""
    schemas = document()["components"]["schemas"].values()
    named = [item for each in schemas for item in each.get("properties", {}).items()]
    for _, operation in operations():
        parameters = map(resolved, operation.get("parameters", []))
        named += [(each["name"], each["schema"]) for each in parameters]
    return {name for name, each in named if "format" in each or "format" in each.get("items", {})}
