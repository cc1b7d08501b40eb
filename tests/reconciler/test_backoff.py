"""Carriers that do not take a bind: how often they are asked, what people read, who waits."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential, CredentialStatus
from reconciler import bind_diagnosis, runs, verification
from reconciler.jasmin import connector_settings
from reconciler.models import ConnectorRecord
from reconciler.result import Ending
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.passes import status

pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
def _binds_that_do_not_come_up(gateway, monkeypatch) -> None:
    monkeypatch.setattr(verification, "BIND_WAIT", 0.3)


def beat(gateway):
    return runs.run(gateway, trigger="beat")


def due(credential: Credential) -> None:
    """End the backoff of this credential."""
    ConnectorRecord.objects.filter(pk=credential.pk).update(retry_at=timezone.now())


def record_of(credential: Credential) -> ConnectorRecord:
    return ConnectorRecord.objects.get(pk=credential.pk)


def test_a_refused_password_is_asked_three_times_at_most_and_then_ever_more_rarely(
    gateway, add_credential, console, smsc
):
    wrong, right = add_credential("wrong", carrier_password="other"), add_credential("right")
    carrier = smsc.system("wrong")

    beat(gateway)

    assert 1 <= carrier.bind_attempts <= 3
    assert status(wrong).sync_state == "synced"
    assert status(wrong).bind_state == "unbound"
    assert "(ESME_RINVPASWD)" in status(wrong).bind_error
    assert (status(right).sync_state, status(right).bind_state) == ("synced", "bound")

    asked = carrier.bind_attempts
    for _ in range(3):
        assert beat(gateway).ending is Ending.IN_SYNC
    assert carrier.bind_attempts == asked

    for failures, pause in ((2, 60), (3, 120), (4, 240), (5, 480), (6, 900), (7, 900)):
        due(wrong)
        before = timezone.now()
        assert beat(gateway).ending is Ending.IN_SYNC
        asked += 1
        assert carrier.bind_attempts == asked
        waits = record_of(wrong).retry_at - before
        assert timedelta(seconds=pause) <= waits < timedelta(seconds=pause + 15)
        assert f"(failure {failures})" in status(wrong).bind_error

    assert smsc.system("right").bind_attempts == 1
    carrier.password = wrong.password
    due(wrong)
    beat(gateway)
    smsc.wait_for(lambda: carrier.live_binds == 1)
    beat(gateway)
    assert (status(wrong).bind_state, status(wrong).bind_error) == ("bound", "")
    assert (record_of(wrong).failures, record_of(wrong).held) == (0, False)


def test_a_change_of_the_credential_ends_the_pause(gateway, add_credential, smsc):
    wrong = add_credential("wrong", carrier_password="right-pw")
    for _ in range(4):
        beat(gateway)
        due(wrong)
    asked = smsc.system("wrong").bind_attempts

    change(wrong, password="right-pw")
    beat(gateway)

    smsc.wait_for(lambda: smsc.system("wrong").live_binds == 1)
    beat(gateway)
    assert status(wrong).bind_state == "bound"
    assert smsc.system("wrong").bind_attempts == asked + 1


def test_a_password_that_a_carrier_changes_under_a_live_bind_is_not_hammered(
    gateway, add_credential, smsc
):
    credential = add_credential()
    beat(gateway)
    carrier = smsc.system("acme")
    assert (carrier.bind_attempts, carrier.live_binds) == (1, 1)

    carrier.password = "changed"
    smsc.drop_binds("acme")
    smsc.wait_for(lambda: carrier.live_binds == 0)
    beat(gateway)

    assert carrier.bind_attempts <= 1 + 3
    assert "(ESME_RINVPASWD)" in status(credential).bind_error
    asked = carrier.bind_attempts
    assert beat(gateway).ending is Ending.IN_SYNC
    assert carrier.bind_attempts == asked


def test_a_bind_that_falls_and_comes_back_is_left_to_jasmin(gateway, add_credential, console, smsc):
    credential = add_credential()
    beat(gateway)

    smsc.drop_binds("acme")
    smsc.wait_for(lambda: smsc.system("acme").live_binds == 0)
    beat(gateway)

    assert record_of(credential).held is False
    assert status(credential).bind_state == "unbound"
    assert "the carrier takes the bind" in status(credential).bind_error
    change(credential, system_type="anew")  # rather than wait for Jasmin's own next try
    beat(gateway)
    assert (status(credential).bind_state, status(credential).bind_error) == ("bound", "")


@pytest.fixture
def dead_port():
    """A port on which nothing listens during the test."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


def test_causes_are_told_from_each_other_and_delay_no_other_bind(
    gateway, organization, add_credential, smsc, dead_port, monkeypatch
):
    monkeypatch.setattr(bind_diagnosis, "ONE_TRIAL", 4.0)
    good = add_credential("good")
    wrong = add_credential("wrong", carrier_password="other")
    unknown = make_credential(organization, port=smsc.port, system_id="unknown")
    taken = add_credential("taken", faults=["already-bound:0"])
    hole = add_credential("hole", faults=["blackhole:on=bind"])
    dead = make_credential(organization, port=dead_port, system_id="dead")
    plain = make_credential(organization, port=smsc.port, system_id="plain", tls=True)
    nameless = make_credential(organization, host="no.such.invalid", port=1, system_id="nameless")

    beat(gateway)
    CredentialStatus.objects.filter(pk=hole.pk).update(
        bind_since=timezone.now() - bind_diagnosis.PENDING_GRACE
    )
    beat(gateway)

    assert (status(good).sync_state, status(good).bind_state) == ("synced", "bound")
    said = {
        wrong: "(ESME_RINVPASWD)",
        unknown: "(ESME_RINVSYSID)",
        taken: "(ESME_RALYBND)",
        hole: "no answer to the bind within 4 s",
        dead: f"connection refused by 127.0.0.1:{dead_port}",
        plain: "TLS handshake",
        nameless: "no.such.invalid",
    }
    for credential, cause in said.items():
        seen = status(credential)
        assert (seen.bind_state, cause in seen.bind_error) == ("unbound", True), seen.bind_error
        assert (seen.sync_state == "error") is (credential is nameless)
        assert credential.password not in seen.bind_error
    held = set(ConnectorRecord.objects.filter(held=True).values_list("pk", flat=True))
    assert held == {one.pk for one in (wrong, unknown, hole)}
    assert smsc.system("good").bind_attempts == 1


def test_a_dead_port_that_comes_to_life_is_bound_to(gateway, organization, make_smsc, monkeypatch):
    monkeypatch.setitem(connector_settings._FIXED, "con_fail_delay", "1")
    carrier = make_smsc()
    carrier.add_system("acme", "secret")
    carrier.stop()
    credential = make_credential(
        organization, port=carrier.port, system_id="acme", password="secret"
    )
    beat(gateway)
    assert "connection refused" in status(credential).bind_error

    carrier.start()
    due(credential)
    beat(gateway)

    carrier.wait_for(lambda: carrier.system("acme").live_binds == 1)
    beat(gateway)
    assert (status(credential).bind_state, status(credential).bind_error) == ("bound", "")
