"""What operators' keys reach through the API: gateways and passes, nothing of organisations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from orbit.accounts.models import AuditEvent
from orbit.api.envelope import timestamp
from tests.e2e.api import Answer, Api
from tests.e2e.belongings import like
from tests.e2e.routes import api_routes
from tests.e2e.waiting import eventually
from tests.factories import make_operator_key

pytestmark = pytest.mark.stack

OPERATORS = "/v1/messaging/smpp"


@pytest.fixture
def operator(site) -> Api:
    return Api(site.base_url, make_operator_key().secret)


def test_an_operator_sees_gateways_and_runs_of_all(operator, gateway, a_run):
    gateways = operator.get(f"{OPERATORS}/gateways")
    runs = operator.get(f"{OPERATORS}/reconcile-runs", params={"gateway": gateway.name})
    run = operator.get(f"{OPERATORS}/reconcile-runs/{a_run.pk}")
    never = operator.get(f"{OPERATORS}/reconcile-runs/{like(a_run.pk)}")

    assert [row["id"] for row in gateways.data] == [gateway.pk]
    assert [row["id"] for row in runs.data] == [a_run.pk]
    assert run.data["started_at"] == timestamp(a_run.started_at)
    assert (never.status, never.code) == (404, "NOT_FOUND")


def test_an_operator_has_no_way_to_what_organisations_own(operator, theirs):
    def refusals() -> Iterator[Callable[[], Answer]]:
        for route in api_routes():
            if route.operators_only or route.path.startswith(("/v1/auth/", "/v1/me")):
                continue
            path = route.filled(**theirs)
            for method in route.methods:
                yield method, path, operator.call(method, path)

    answered = {(method, path): answer.status for method, path, answer in refusals()}

    assert answered == dict.fromkeys(answered, 403)


def test_an_operator_starts_a_pass(operator, api, gateway, smsc):
    smsc.add_system("acme", "secret")
    api.add(port=smsc.port)

    answer = operator.post(f"{OPERATORS}/reconcile")

    assert answer.status == 202
    assert answer.data == {"status": "queued", "gateways": ["main"]}

    def has_read_all() -> bool:
        gateway.refresh_from_db()
        return gateway.last_pass_at is not None

    eventually(has_read_all)
    eventually(lambda: smsc.system("acme").live_binds == 1)
    (event,) = AuditEvent.objects.filter(action="gateway.reconcile")
    assert (event.actor_type, event.target) == ("operator", "main")
