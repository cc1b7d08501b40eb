"""One organisation takes what it can get, beside another that works on as if it were alone.

It is small here, or it would take the machine from the tests beside it. A big one for minutes, and
what that costs in time: tests/benchmarks/test_beside.py.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from messaging.messages.models import Message
from orbit.accounts.models import Organization
from orbit.accounts.quotas.models import QuotaOverride
from orbit.dev.stack import Stack
from reconciler.models import Placement
from tests.e2e import hostile_tenant
from tests.e2e.hostile_bounds import has_failed, is_bounded
from tests.e2e.waiting import eventually
from tests.factories import make_api_key, make_organization
from tests.fixtures.site import Site

pytestmark = pytest.mark.stack

PASSWORD = "s3cr;t#"
PROGRAM = Path(hostile_tenant.__file__)
# As they are shipped: the tests' own are out of the way.
LIMITS = {
    "API_RATE_LIMIT": "1200/60",
    "API_CPU_LIMIT": "2/24",
    "WAITING_REQUESTS_PER_ORGANIZATION": "3",
    "UPLOADS_PER_ORGANIZATION": "1",
    "REFUSED_BINDS_OF_CREDENTIAL": "5/900",
    "REFUSED_BINDS_OF_CALLER": "10/900",
    "REFUSED_BINDS_OF_HOST": "20/900",
    "PUSH_RATE_LIMIT": "60/60",
    "PASS_TIME_LIMIT": "12/60",
    "DIAGNOSIS_RATE_LIMIT": "60/60",
}
# As the Procfile has it: what waits for strangers' servers keeps no other task from its turn.
QUICK, SLOW = "pushes,celery,messages", "diagnosis,carrier_tests,webhooks"
SIZES = {"threads": 1, "trunks": 3, "rows": 2_000, "pause": 0.2}
QUOTAS = {"credentials": 10, "sender_pools": 4, "campaigns": 3, "api_keys": 12}
WORK = 2  # credentials of the other organisation, and messages


class Flood:
    def __init__(self, organization: Organization, said: Path) -> None:
        self.organization, self._said = organization, said

    def answers(self) -> dict[str, dict[str, int]]:
        return json.loads(self._said.read_text()) if self._said.exists() else {}

    def total(self) -> int:
        return sum(count for ways in self.answers().values() for count in ways.values())

    def may_guess_no_more(self) -> bool:
        return "429" in self.answers().get("guesses", {})


@pytest.fixture
def shared(make_site, site, stack: Stack) -> Iterator[Site]:
    """gunicorn and workers with the limits above, in the place of the suite's worker."""
    site.stop_worker()
    shared = make_site(**LIMITS)
    argv = [sys.executable, "-m", "celery", "-A", shared.app, "worker", "--hostname", "slow@%h"]
    argv += ["--queues", SLOW, "--pool", "threads", "--concurrency", "16", "--without-mingle"]
    slow = stack.spawn("slow-queues", argv, env=shared.environ)
    shared.start_worker("--queues", QUICK)
    yield shared
    slow.kill()


@pytest.fixture
def flood(shared, gateway, smsc, stack: Stack, tmp_path) -> Iterator[Flood]:
    organization = make_organization()
    Placement.objects.create(organization=organization, gateway=gateway)
    for name, limit in QUOTAS.items():
        QuotaOverride.objects.create(organization=organization, name=name, limit=limit)
    order, said = tmp_path / "order.json", tmp_path / "said.json"
    key = make_api_key(organization).secret
    wanted = {"url": shared.base_url, "key": key, "carrier": smsc.port, "said": str(said)}
    order.write_text(json.dumps(wanted | SIZES))
    process = stack.spawn("hostile", [sys.executable, PROGRAM, order], env=dict(os.environ))
    yield Flood(organization, said)
    process.kill()


@pytest.mark.slow("gunicorn and two workers start for it, beside the suite's")
def test_a_tenant_that_takes_what_it_can_get_keeps_no_other_from_its_work(
    make_api, shared, gateway, smsc, flood
):
    ways = {way.__name__ for way in hostile_tenant.WAYS}
    eventually(lambda: flood.answers().keys() == ways and flood.may_guess_no_more())
    api = make_api(base_url=shared.base_url)
    sent = []
    before = flood.total()

    for number in range(WORK):
        smsc.add_system(f"good{number}", PASSWORD)
        made = api.add(port=smsc.port, system_id=f"good{number}", password=PASSWORD)
        eventually(lambda made=made: api.read(made["id"])["bind"]["state"] == "bound")
        carrier = {"name": "FR", "credential_id": made["id"], "countries": ["FR"]}
        assert api.post(hostile_tenant.CARRIERS, carrier).status == 201
        body = {"to": "+33612345678", "from": "ACME", "body": "Beside"}
        answer = api.post("/v1/messages/sms", body)
        assert answer.status == 202
        sent.append(answer.data["id"])

    done = Message.objects.filter(pk__in=sent, status="delivered")
    eventually(lambda: done.count() == len(sent))
    assert flood.total() > before  # it went on meanwhile
    assert not has_failed(flood.answers()), flood.answers()
    is_bounded(flood.organization, shared.environ["REDIS_URL"])
