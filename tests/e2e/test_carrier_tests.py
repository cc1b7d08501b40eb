"""Test sends by a real worker: seen while they run, and ended whatever dies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.carrier_tests.models import CarrierTest
from orbit.dev.simulator import SimulatorThread, System
from tests.e2e.api import Answer, Api
from tests.e2e.waiting import becomes, eventually
from tests.fixtures.site import Site

pytestmark = pytest.mark.stack

CARRIERS = "/v1/messaging/smpp/carriers"
MESSAGE = {"to": "+33612345678", "from": "ACME", "via": "direct"}


class Carrier:
    """A carrier of the organisation, and its tests."""

    def __init__(self, api: Api, smsc: SimulatorThread) -> None:
        credential = api.add(port=smsc.port)
        body = {"name": "FR", "credential_id": credential["id"], "countries": ["FR"]}
        self._api = api
        self._path = f"{CARRIERS}/{api.post(CARRIERS, body).data['id']}"

    def test(self) -> Answer:
        return self._api.post(f"{self._path}/test", MESSAGE)

    def started(self) -> str:
        answer = self.test()
        assert answer.status == 202, answer.body
        assert answer.headers["Location"] == f"{self._path}/tests/{answer.data['id']}"
        return answer.data["id"]

    def read(self, test_id: str) -> dict:
        return self._api.get(f"{self._path}/tests/{test_id}").data

    def status(self, test_id: str) -> str:
        return self.read(test_id)["status"]

    def steps(self, test_id: str) -> list[str]:
        return [step["step"] for step in self.read(test_id)["steps"]]


@pytest.fixture
def system(smsc: SimulatorThread) -> System:
    return smsc.add_system("acme", "secret")


@pytest.fixture
def carrier(api: Api, smsc: SimulatorThread, system: System) -> Carrier:
    return Carrier(api, smsc)


def test_a_message_is_delivered(carrier, system):
    test_id = carrier.started()

    becomes(lambda: carrier.status(test_id), "delivered")

    assert carrier.steps(test_id) == [
        "resolve",
        "connect",
        "bind",
        "submit",
        "receipt",
        "unbind",
    ]
    assert [submit.source_addr for submit in system.submits] == ["ACME"]


def test_a_silent_carrier_holds_up_no_request(carrier, system):
    """Nor the next test, once this one has ended."""
    system.faults = ["blackhole:first=1"]

    test_id = carrier.started()

    becomes(lambda: carrier.steps(test_id), ["resolve", "connect"])
    running = carrier.read(test_id)
    assert running["status"] == "running"
    assert [line["command"] for line in running["pdus"]] in ([], ["bind_transceiver"])
    assert carrier.test().status == 409
    becomes(lambda: carrier.status(test_id), "failed")
    assert carrier.read(test_id)["error"]["cause"] == "bind_timeout"
    again = carrier.started()
    becomes(lambda: carrier.status(again), "delivered")


def test_a_killed_worker_blocks_nothing(site: Site, carrier, system):
    system.faults = ["blackhole:first=1"]
    test_id = carrier.started()
    eventually(lambda: "connect" in carrier.steps(test_id))
    eventually(lambda: system.bind_attempts == 1)  # the carrier has taken its only blow

    site.kill_worker()

    assert carrier.test().status == 409
    CarrierTest.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    again = carrier.started()
    assert carrier.read(test_id)["error"]["cause"] == "worker_lost"
    site.start_worker()
    becomes(lambda: carrier.status(again), "delivered")
    assert carrier.status(test_id) == "failed"


def test_what_was_asked_while_no_worker_ran_is_sent_when_one_does(site: Site, carrier, system):
    site.stop_worker()

    test_id = carrier.started()

    assert carrier.status(test_id) == "queued"
    assert system.bind_attempts == 0
    site.start_worker()
    becomes(lambda: carrier.status(test_id), "delivered")
    assert len(system.submits) == 1


def test_beat_sends_what_the_broker_has_lost(site: Site, carrier, system):
    site.stop_worker()
    test_id = carrier.started()
    site.celery.control.purge()
    CarrierTest.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    site.start_worker()

    site.celery.send_task("messaging.carrier_tests.tasks.sweep")

    becomes(lambda: carrier.status(test_id), "delivered")
    assert len(system.submits) == 1
