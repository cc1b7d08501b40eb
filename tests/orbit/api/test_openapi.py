"""The OpenAPI document and the server say the same, whoever asks.

Schemathesis makes requests from the document, valid ones and others; each is sent as several of the
kinds of callers there are. Each answer has a status, headers and a shape of the document, and none
holds anything of another organisation that the request did not name. No valid request of an owner
is refused but for a reason that no schema can give: what has a `format` of ours, and fields that
have to fit together.

`OPENAPI_EXAMPLES=40` asks more of each operation, as every kind of caller; `OPENAPI_SEED` is for
those of another run.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from orbit.wsgi import application
from tests.openapi import document, operations, resolved
from tests.orbit.api.tenants import STRANGERS, Tenant, callers, make_run, make_tenant, undone

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", 1))
SEED = int(os.environ.get("OPENAPI_SEED", random.randrange(2**32)))
CALLERS = 2 if EXAMPLES < 5 else 9  # of each request, the owner among them

# What a value of these formats can be here.
FORMATS = {
    "address": ["+33639980001", "0639980001", "38080", "ACME"],
    "carrier-text": ["acme", "4ccount x"],
    "country": ["FR", "US"],
    "currency": ["EUR"],
    "e164": ["+33639980001", "+14155552671"],
    "ip-network": ["198.51.100.0/24"],
    "keyword": ["INFO", "#1"],
    "opt-out-scope": ["organization", "ACME", "+14155550100"],
    "opt-out-word": ["NO MORE", "Genug"],
    "own-number": ["+33700000001", "38080"],
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
    "OPTED_OUT",
}
# Fields that have to fit to others, and fields of PATCH that say where else they are changed.
TOGETHER = {
    "tls_verify", "tls_key", "tls_certificate", "verify", "force", "activate", "discard", "type",
    "gateway", "organization_id", "created_before", "scheduled_at", "credential_id", "(body)",
    "countries", "from", "binds", "max_binds", "bind_type",
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """`headers`: by kind of caller. `chance` draws from them."""

    ours: Tenant
    theirs: Tenant
    headers: Mapping[str, Mapping[str, str]]
    chance: random.Random

    def asking(self, operation: dict[str, Any]) -> list[str]:
        """The one whom the operation is for, and some others."""
        first = "operator" if operation["tags"] == ["operators"] else "owner"
        others = [each for each in self.headers if each != first]
        return [first, *self.chance.sample(others, CALLERS - 1)]


@pytest.fixture
def site(db) -> Iterator[Site]:
    ours, theirs = make_tenant("alpha"), make_tenant("zulu")
    ours.ids["run_id"] = make_run(ours)
    # As Django's own client does it: the connection of the test stays open.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield Site(ours, theirs, callers(ours), random.Random(SEED))
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.slow("asks each of 92 operations four times")
def test_the_server_does_what_the_document_says_and_shows_nothing_of_others(site):
    print(f"OPENAPI_SEED={SEED} OPENAPI_EXAMPLES={EXAMPLES}")
    for name, values in FORMATS.items():
        schemathesis.openapi.format(name, st.sampled_from(values))
    known = [*site.ours.ids.values(), *site.theirs.ids.values()]
    schemathesis.openapi.format("reference", st.sampled_from(known))
    config = {
        "generation": {"allow-x00": False},  # no schema refuses it: test_odd_input.py sends it
        "checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}},
    }
    config = schemathesis.config.SchemathesisConfig.from_dict(config)
    schema = schemathesis.openapi.from_wsgi("/openapi.json", application, config=config)
    faults: dict[str, str] = {}
    for found in schema.get_all_operations():
        faults |= _faults(found.ok(), site)
    assert not faults, "\n\n".join(f"{name}: {why}" for name, why in faults.items())


def _faults(operation: Any, site: Site) -> dict[str, str]:
    """What went wrong with requests of this operation."""
    faults: dict[str, str] = {}

    def tried(mode: schemathesis.GenerationMode, examples: int) -> None:
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @seed(SEED)
        @given(case=operation.as_strategy(mode), whose=st.sampled_from(["", "ours", "theirs"]))
        def ask(case: Any, whose: str) -> None:
            if whose and not _is_negated(case, "path"):
                ids = getattr(site, whose).ids
                case.path_parameters = {name: ids.get(name, "x") for name in case.path_parameters}
            for who in site.asking(operation.definition.raw):
                why = _fault(case, mode, whose, who, site)
                if why:
                    faults[f"{operation.label} as {who}"] = why

        ask()

    tried(schemathesis.GenerationMode.POSITIVE, EXAMPLES)
    if operation.body or operation.query:
        tried(schemathesis.GenerationMode.NEGATIVE, max(1, EXAMPLES // 2))
    return faults


def _fault(case: Any, mode: Any, whose: str, who: str, site: Site) -> str:
    """What is wrong with the answer to this caller; "" if nothing is."""
    with undone():
        response = case.call(headers=dict(site.headers[who]))
    checks = [check for check in _CHECKS if case.path not in _EXEMPT.get(check.__name__, ())]
    try:
        case.validate_response(response, checks=checks)
    except schemathesis.core.failures.FailureGroup as group:
        faults = [fault for fault in map(str, group.exceptions) if _BY_CHANCE not in fault]
        if faults:
            return "\n".join(faults) + response.text
    leaked = _leaked(response, site.theirs)
    if leaked:
        return f"{response.request.url} shows {leaked}: {response.headers} {response.text}"
    if who in STRANGERS and _is_guarded(case) and response.status_code != 401:
        return f"{response.status_code} to a stranger: {response.text}"
    if mode is schemathesis.GenerationMode.POSITIVE and response.status_code in (400, 422):
        why = _refusal(response.json()["error"]) if who == "owner" else ""
        return why and f"refused {case.body!r} {case.query!r}: {why}"
    return ""


def _leaked(response: Any, theirs: Tenant) -> list[str]:
    """Marks of theirs in the answer that were not in the request."""
    request = response.request
    body = request.body or b""
    text = body if isinstance(body, str) else body.decode(errors="replace")
    sent = unquote_plus(request.url) + text
    shown = f"{response.headers} {response.text}"
    return [mark for mark in theirs.marks if mark in shown and mark not in sent]


def _is_guarded(case: Any) -> bool:
    return case.path.startswith("/v1/") and case.operation.definition.raw.get("security") != [{}]


def _is_negated(case: Any, place: str) -> bool:
    parts = case.meta.components if case.meta else {}
    return any(
        part.value.startswith(place) and found.mode is schemathesis.GenerationMode.NEGATIVE
        for part, found in parts.items()
    )


_CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_headers_conformance,
    schemathesis.checks.response_schema_conformance,
    schemathesis.checks.negative_data_rejection,
]
# What is made to be of another format may be of ours all the same: schemathesis knows it by name.
_BY_CHANCE = "violates `format`"
_EXEMPT = {
    "not_a_server_error": ["/readyz"],  # 503 is its answer, not its fault
    # What is wrong with an entry, or a line, refuses that alone, in an answer of 2xx.
    "negative_data_rejection": [
        "/v1/campaigns/{campaign_id}/recipients",
        "/v1/messages/sms/batch",
        "/v1/opt-outs/import",
    ],
}


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
