"""Which carriers are asked about a bind that is down, and when."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging.credentials.models import BindState, Credential, CredentialStatus
from reconciler import bind_diagnosis
from reconciler.models import ConnectorRecord, Gateway
from tests.fixtures.clocks import give_clock
from tests.reconciler.bind_diagnosis.conftest import (
    DEAD,
    due_again,
    record_of,
)
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.model import ModelJasmin
from tests.reconciler.model_objects import Link
from tests.reconciler.passes import run, status


def test_no_carrier_is_asked_before_its_time(modelled, down, carrier):
    bind_diagnosis.diagnose(modelled)

    with time_machine.travel(timezone.now() + timedelta(seconds=25)):
        bind_diagnosis.diagnose(modelled)
    assert carrier.asked == ["acme"]

    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        bind_diagnosis.diagnose(modelled)
    assert carrier.asked == ["acme", "acme"]


def test_a_changed_credential_is_asked_about_at_once_and_starts_afresh(modelled, down, carrier):
    for _ in range(5):
        due_again(down)
        bind_diagnosis.diagnose(modelled)
    change(down, password="another")
    run(modelled)

    bind_diagnosis.diagnose(modelled)

    assert len(carrier.asked) == 6
    assert (record_of(down).failures, record_of(down).version) == (1, down.version)


def test_a_bind_that_came_up_meanwhile_is_not_disturbed(modelled, model, down, carrier):
    model.connectors[down.gateway_key].settings["port"] = "2775"

    assert bind_diagnosis.diagnose(modelled) is False

    assert carrier.asked == []


class Pending(Link):
    session = "BIND_TRX_PENDING"


def test_a_bind_that_the_carrier_is_still_answering_gets_its_time(modelled, model, down, carrier):
    link = model.connectors[down.gateway_key]
    model.connectors[down.gateway_key] = Pending(link.cid, link.settings, True, 1)

    bind_diagnosis.diagnose(modelled)
    assert carrier.asked == []

    long_ago = timezone.now() - bind_diagnosis.PENDING_GRACE
    CredentialStatus.objects.update(bind_since=long_ago)
    bind_diagnosis.diagnose(modelled)
    assert carrier.asked == ["acme"]


def test_a_bind_that_was_just_started_is_waited_for_and_then_asked_about(
    modelled, down, carrier, monkeypatch
):
    slept = []
    monkeypatch.setattr(bind_diagnosis, "GRACE", timedelta(seconds=600))
    give_clock(monkeypatch, bind_diagnosis, sleep=slept.append)

    assert bind_diagnosis.diagnose(modelled) is True

    assert 590 < slept[0] <= 600
    assert carrier.asked == ["acme"]


def test_one_that_waits_for_something_else_is_not_asked_about(modelled, model, down, carrier):
    model.connectors[down.gateway_key].running = False

    bind_diagnosis.diagnose(modelled)

    assert carrier.asked == []


@pytest.mark.parametrize(
    "fields",
    [
        {"bind_state": BindState.BOUND},
        {"bind_state": BindState.UNKNOWN},
        {"bind_state": BindState.DISABLED},
        {"sync_state": "pending"},
        {"sync_state": "error"},
    ],
)
def test_only_what_is_in_jasmin_and_down_is_asked_about(modelled, down, carrier, fields):
    CredentialStatus.objects.filter(pk=down.pk).update(**fields)

    assert bind_diagnosis.diagnose(modelled) is False

    assert carrier.asked == []


def test_the_deleted_the_disabled_and_those_elsewhere_are_not_asked_about(
    modelled, down, carrier, tenant
):
    change(down, deleted_at=timezone.now())
    CredentialStatus.objects.update(sync_state="synced")
    other = Gateway.objects.create(name="other", jcli_host="192.0.2.1", http_url="http://x")
    away = make_credential(make_tenant(other), port=1, system_id="away")
    off = make_credential(tenant, port=1, system_id="off", enabled=False)
    for credential in (away, off):
        CredentialStatus.objects.filter(pk=credential.pk).update(
            sync_state="synced", bind_state="unbound", bind_since=timezone.now()
        )
        ConnectorRecord.objects.create(credential=credential, host="127.0.0.1", address="127.0.0.1")

    bind_diagnosis.diagnose(modelled)

    assert carrier.asked == []


def test_a_scoped_round_asks_for_its_organisation_only(modelled, down, carrier):
    make_credential(make_tenant(modelled), port=1, system_id="neighbour")
    run(modelled)

    bind_diagnosis.diagnose(modelled, organization_id=down.organization_id)

    assert carrier.asked == ["acme"]


def test_so_many_are_asked_about_a_round_and_the_untried_first(
    modelled, tenant, down, carrier, monkeypatch
):
    monkeypatch.setattr(bind_diagnosis, "AT_ONCE", 2)
    carrier.trial = DEAD
    bind_diagnosis.diagnose(modelled)
    due_again(down)
    for name in ("two", "three"):
        make_credential(tenant, port=1, system_id=name)
    run(modelled)

    bind_diagnosis.diagnose(modelled)
    bind_diagnosis.diagnose(modelled)

    assert carrier.asked[0] == carrier.asked[3] == "acme"
    assert sorted(carrier.asked[1:3]) == ["three", "two"]


def test_carriers_are_asked_side_by_side(modelled, tenant, down, carrier):
    make_credential(tenant, port=1, system_id="other")
    run(modelled)
    both = threading.Barrier(2, timeout=10)
    carrier.meanwhile = both.wait

    bind_diagnosis.diagnose(modelled)

    assert sorted(carrier.asked) == ["acme", "other"]
    assert not both.broken


def test_a_patch_during_the_trial_is_not_overwritten(modelled, down, carrier, monkeypatch):
    write = bind_diagnosis._write

    def patched_meanwhile(credential: Credential, *found: object) -> bool:
        Credential.objects.filter(pk=down.pk).update(bind_version=99)
        return write(credential, *found)

    monkeypatch.setattr(bind_diagnosis, "_write", patched_meanwhile)

    assert bind_diagnosis.diagnose(modelled) is False

    assert (record_of(down).held, record_of(down).diagnosis) == (False, "")
    assert status(down).bind_state == "binding"


def test_an_address_that_is_not_allowed_is_never_connected_to(modelled, down, carrier, settings):
    settings.SMPP_ALLOWED_NETWORKS = []

    assert bind_diagnosis.diagnose(modelled) is False

    assert carrier.asked == []
    assert "the address" in status(down).bind_error


def test_what_smpp_can_not_say_fails_for_itself_alone(modelled, tenant, down, monkeypatch, carrier):
    long = make_credential(tenant, port=1, system_id="toolong", password="n1ne-char-and-more")
    run(modelled)
    monkeypatch.undo()
    monkeypatch.setattr(bind_diagnosis, "GRACE", timedelta(0))
    monkeypatch.setattr(bind_diagnosis, "_still_down", lambda gateway, due: due)

    bind_diagnosis.diagnose(modelled)

    assert "at most 8" in status(long).bind_error
    assert "n1ne-char" not in status(long).bind_error
    assert "connection refused by 127.0.0.1:1" in status(down).bind_error


def test_a_console_that_is_gone_stops_the_questions(modelled, model: ModelJasmin, down, carrier):
    model.dies_at = 0

    assert bind_diagnosis.diagnose(modelled) is False

    assert carrier.asked == []


def test_no_password_is_logged(modelled, down, carrier, caplog):
    with caplog.at_level(logging.DEBUG):
        bind_diagnosis.diagnose(modelled)

    assert down.pk in caplog.text
    assert down.password not in caplog.text
