"""What OpenAPI says, and what the server does with requests that are made from it."""

from __future__ import annotations

import collections, json, os
import pytest
from hypothesis import HealthCheck, Phase, given, settings, seed
from hypothesis import strategies as st
from django.core.wsgi import get_wsgi_application

schemathesis = pytest.importorskip("schemathesis")
from schemathesis import GenerationMode
from tests.factories import make_api_key, make_operator_key
from tests.reconciler.conftest import make_credential
from messaging.carriers.models import Carrier
from messaging.pools.models import SenderPool, PoolMember, PoolCarrier
from messaging.campaigns.models import Campaign
from messaging.webhooks.models import Webhook
pytestmark = pytest.mark.django_db

@pytest.fixture(autouse=True)
def _connection_stays():
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections
    signals = (request_started, request_finished)
    for each in signals: each.disconnect(close_old_connections)
    yield
    for each in signals: each.connect(close_old_connections)


def test_explore():
    key = make_api_key()
    org = key.key.organization
    operator = make_operator_key()
    n = int(os.environ.get("N", "10"))
    schema = schemathesis.openapi.from_wsgi("/openapi.json", get_wsgi_application())
    found = collections.Counter(); refused = collections.Counter(); invalid = []
    ops = [r.ok() for r in schema.get_all_operations()]
    for op in ops:
        name = op.label
        if "/v1" not in name: continue
        if os.environ.get("ONLY") and os.environ["ONLY"] not in name: continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                strategy = op.as_strategy(mode)
            except BaseException as e:
                print("no strategy", name, mode, repr(e)[:100]); continue
            @settings(max_examples=n, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
            @seed(1)
            @given(case=strategy)
            def run(case):
                secret = operator.secret if "reconcil" in name or "gateways" in name or "/runs" in name else key.secret
                r = case.call(headers={"X-API-Key": secret})
                found[(name, r.status_code)] += 1
                documented = op.definition.raw["responses"]
                if str(r.status_code) not in documented:
                    invalid.append((name, mode.name, r.status_code, r.text[:300]))
                    return
                try:
                    case.validate_response(r, checks=[schemathesis.checks.response_schema_conformance, schemathesis.checks.content_type_conformance, schemathesis.checks.not_a_server_error])
                except BaseException as e:
                    invalid.append((name, mode.name, r.status_code, "".join(str(x) for x in getattr(e,'exceptions',[e]))[:600]))
                if mode is GenerationMode.POSITIVE and r.status_code in (400, 422):
                    body = r.json()["error"]
                    refused[(name, body["code"], (body["details"] or {}).get("field"), body["message"][:120])] += 1
                if mode is GenerationMode.NEGATIVE and r.status_code < 300:
                    refused[("ACCEPTED", name, str(case.meta.components if case.meta else "")[:10] , repr((case.query, case.body, case.path_parameters, case.headers))[:200])] += 1
            try:
                run()
            except BaseException as e:
                print("FAILED", name, mode.name, repr(e)[:300])
    out = open("/tmp/h/fields-scratch/explore.txt", "w")
    for i in {str(x):x for x in invalid}.values(): print("INVALID", *i, file=out)
    for k, v in sorted(refused.items(), key=str): print(v, k, file=out)
    for k, v in sorted(found.items()): print(v, k, file=out)
