"""Errands to a gateway go on, whatever one of them, the gateway or the database does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from messaging.inbound.models import InboundPdu
from messaging.opt_outs import changes
from messaging.opt_outs.models import OptOut, Source
from orbit.accounts.models import Organization
from orbit.dev.stack.processes import poll
from reconciler.launcher.opt_outs.lists import OptOuts
from reconciler.models import Gateway, GatewayLog
from reconciler.receiver import errands
from reconciler.receiver.errands import Errands
from reconciler.receiver.platform_texts import PlatformTexts
from tests.reconciler.lane_gateway import LaneGateway
from tests.reconciler.receiver.conftest import PATIENCE, given, here, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "LOOK", 0.05)
    monkeypatch.setattr(errands, "FIRST_PAUSE", 0.005)


@pytest.fixture
def gateway(fake: LaneGateway) -> Gateway:
    gateway = fake.row("deliveries", "opt_outs")
    GatewayLog.objects.create(gateway=gateway, log=fake.log, offset=0)
    return gateway


@pytest.fixture
def organization(fake: LaneGateway, gateway: Gateway) -> Organization:
    organization = here(gateway)
    fake.bound = {organization.gateway_key}
    return organization


@pytest.fixture
def running(gateway: Gateway) -> Iterator[Errands]:
    """To be started."""
    made = Errands(gateway)
    yield made
    made.end()
    made.join()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        each.getMessage()
        for each in caplog.records
        if (each.name, each.levelno) == (errands.logger.name, logging.WARNING)
    ]


def test_where_one_errand_fails_the_others_are_run_and_it_is_told_once(
    fake, organization, running, caplog, tmp_path: Path
) -> None:
    opted_out = OptOut(organization=organization, number="+33612345678", source=Source.API)
    changes.add([opted_out])
    wait(organization, "one")
    running.start()
    assert poll(lambda: fake.deliveries, timeout=PATIENCE)
    wait(organization, "two")
    assert poll(lambda: len(fake.deliveries) == 2, timeout=PATIENCE)
    assert poll(lambda: said(caplog), timeout=PATIENCE)

    fake.opt_outs = lists = OptOuts(tmp_path / "opt_outs")

    assert poll(lambda: organization.gateway_key in lists.summary(), timeout=PATIENCE)
    [warning] = said(caplog)
    assert warning.startswith("opted-out numbers of main: ")


def test_faults_and_a_database_that_is_away_are_outlived(
    fake, organization, running, caplog, monkeypatch
) -> None:
    turn = PlatformTexts.turn
    failures = [
        OperationalError("away"),
        OperationalError("away"),
        RuntimeError("a bug"),
        RuntimeError("a bug"),
    ]
    failures[0].__cause__ = psycopg.OperationalError("server closed the connection unexpectedly")

    def sometimes(*arguments: object) -> None:
        if failures:
            raise failures.pop(0)
        turn(*arguments)

    monkeypatch.setattr(PlatformTexts, "turn", sometimes)
    Gateway.objects.update(capabilities=["lane", "deliveries"])
    wait(organization, "one")
    running.start()

    assert poll(lambda: fake.deliveries, timeout=PATIENCE)
    assert given(fake) == [(organization.gateway_key, b"one")]
    assert said(caplog) == [
        "the database of main: it closed the connection",
        "texts for platforms of main: a fault of ours",
    ]


def test_texts_are_handed_over_as_soon_as_it_is_woken(
    fake, organization, running, monkeypatch
) -> None:
    monkeypatch.setattr(errands, "LOOK", PATIENCE)
    Gateway.objects.update(capabilities=["lane", "deliveries"])
    running.start()
    wait(organization, "one")
    running.wake()

    assert poll(lambda: fake.deliveries, timeout=PATIENCE / 2)


def test_a_pdu_that_can_not_be_read_is_given_up_and_the_others_go(
    fake, organization, running, caplog
) -> None:
    broken, _ = wait(organization, "one", "two")
    InboundPdu.objects.filter(pk=broken.pk).update(raw="zz")
    running.start()

    assert poll(lambda: fake.deliveries, timeout=PATIENCE)
    assert [words for _, words in given(fake)] == [b"two"]
    assert InboundPdu.objects.get(pk=broken.pk).access_state == "expired"
    assert f"the PDU {broken.pk} can't be a deliver_sm" in caplog.messages
