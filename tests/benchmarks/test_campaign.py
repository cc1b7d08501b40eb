"""A campaign of 10,000 recipients, paused, resumed, and with a worker killed: the throughput.

A counted proof beside the measurement: each recipient has one message, and the carrier got each
text once.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest

from messaging.campaigns.models import Campaign
from messaging.messages.models import Message
from orbit.stack import Stack
from orbit.stack.processes import poll
from tests.benchmarks.carrier import PASSWORD, Carrier, ask
from tests.e2e.api import CREDENTIALS, Api
from tests.factories import make_api_key
from tests.fixtures.site import Site, environment
from tests.fixtures.stack import empty
from tests.reconciler.conftest import make_gateway, make_tenant

pytestmark = pytest.mark.stack

RECIPIENTS = 10_000
THROUGHPUT = 100  # messages/s
ACCOUNT = "campaign"
PATIENCE = 900.0  # seconds


@pytest.fixture
def site(transactional_db: None, stack: Stack) -> Iterator[Site]:
    running = Site(stack, "campaign", environment(stack, "campaign") | {"LOG_LEVEL": "WARNING"})
    running.start()
    running.start_beat(interval=30)
    yield running
    running.settle()
    running.stop()


def test_ten_thousand(stack: Stack, site: Site, carrier: Carrier) -> None:
    jasmin = stack.gateways["main"]
    empty(jasmin)
    organization = make_tenant(make_gateway(jasmin))
    api = Api(site.base_url, make_api_key(organization).secret)
    ask(carrier, "PUT", f"/systems/{ACCOUNT}", {"password": PASSWORD})
    path = _campaign(api, carrier)

    began = time.monotonic()
    _act(api, path, "start")
    _until(lambda: _left(carrier) > RECIPIENTS // 4)
    _act(api, path, "pause")
    _until(lambda: _progress(api, path)["sending"] == 0)
    paused_at, stopped = _left(carrier), time.monotonic()
    time.sleep(3)
    assert _left(carrier) == paused_at
    paused = time.monotonic() - stopped
    _act(api, path, "resume")
    _until(lambda: _left(carrier) > RECIPIENTS // 2)
    site.kill_worker()
    site.start_worker()
    _until(lambda: _left(carrier) == RECIPIENTS)
    seconds = time.monotonic() - began - paused
    _until(lambda: _progress(api, path)["delivered"] == RECIPIENTS)

    rate = RECIPIENTS / seconds
    print(f"\n\n{RECIPIENTS} recipients: set {THROUGHPUT} messages/s, measured {rate:.1f}")
    assert Counter(_texts(carrier)) == {f"Hello {n}": 1 for n in range(RECIPIENTS)}
    assert Message.objects.filter(campaign=Campaign.objects.get()).count() == RECIPIENTS


def _campaign(api: Api, carrier: Carrier) -> str:
    """The path of one to all numbers, uploaded as CSV."""
    credential = api.add(
        port=carrier.port, system_id=ACCOUNT, password=PASSWORD, throughput=1000, window=50
    )
    _until(lambda: api.get(f"{CREDENTIALS}/{credential['id']}").data["bind"]["state"] == "bound")
    body = {"name": "FR", "credential_id": credential["id"], "countries": ["FR"]}
    carrier_id = _made(api, "/v1/messaging/smpp/carriers", body)
    pool = {"name": "P", "members": [{"sender": "ACME"}], "carrier_ids": [carrier_id]}
    body = {
        "name": "Sale",
        "body": "Hello {{n}}",
        "sender_pool_id": _made(api, "/v1/messaging/sender-pools", pool),
        "throughput": THROUGHPUT,
    }
    path = f"/v1/campaigns/{_made(api, '/v1/campaigns', body)}"
    csv = "to,n\n" + "".join(f"+3363{n:07},{n}\n" for n in range(RECIPIENTS))
    answer = api.post(f"{path}/recipients", csv.encode(), headers={"Content-Type": "text/csv"})
    assert answer.data["accepted"] == RECIPIENTS, answer.body[:500]
    return path


def _made(api: Api, path: str, body: dict[str, Any]) -> str:
    answer = api.post(path, body)
    assert answer.status == 201, answer.body
    return answer.data["id"]


def _act(api: Api, path: str, action: str) -> None:
    answer = api.post(f"{path}/{action}")
    assert answer.status == 202, answer.body


def _progress(api: Api, path: str) -> dict[str, int]:
    return api.get(path).data["progress"]


def _left(carrier: Carrier) -> int:
    return ask(carrier, "GET", f"/systems/{ACCOUNT}")["submits"]


def _texts(carrier: Carrier) -> list[str]:
    with urlopen(
        f"http://127.0.0.1:{carrier.control}/systems/{ACCOUNT}/submits?last={RECIPIENTS}"
    ) as answer:
        return [submit["text"] for submit in json.load(answer)]


def _until(condition: Any) -> None:
    assert poll(condition, timeout=PATIENCE, interval=0.25)
