"""The life of a credential in the real Jasmin: changed, disabled, deleted, made again."""

from __future__ import annotations

import socket

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential
from reconciler import actual, runs
from reconciler.result import Ending
from tests.reconciler.conftest import PASSWORD, change, make_credential
from tests.reconciler.passes import run, status

pytestmark = pytest.mark.stack


def row(console, credential: Credential):
    return actual.read_sessions(console).get(credential.gateway_key)


def untouched(console, credential: Credential) -> bool:
    """Check that the connector was started once, never stopped, and is up."""
    found = row(console, credential)
    return (found.session, found.starts, found.stops) == ("BOUND_TRX", 1, 0)


def test_a_new_throughput_after_a_new_host_restarts_nothing(
    gateway, add_credential, make_smsc, console
):
    credential = add_credential()
    run(gateway)
    elsewhere = make_smsc(host="127.0.0.2")
    carrier = elsewhere.add_system("acme", PASSWORD)
    change(credential, host="127.0.0.2", port=elsewhere.port)
    run(gateway)
    assert carrier.bind_attempts == 1

    for throughput in (70, None, 1):
        change(credential, throughput=throughput)
        (entry,) = run(gateway).changes
        assert (entry["action"], entry["drops_bind"]) == ("update", False)

    assert carrier.bind_attempts == 1
    assert untouched(console, credential)


def test_what_concerns_only_us_touches_jasmin_not_at_all(gateway, add_credential, console, jasmin):
    credential = add_credential()
    run(gateway)
    saved = {path: path.stat().st_mtime_ns for path in jasmin.store.iterdir()}

    for fields in ({"name": "Another"}, {"inbound_charset": "ucs2"}):
        change(credential, **fields)
        assert runs.run(gateway, trigger="push").ending is Ending.IN_SYNC
        assert status(credential).sync_state == "synced"

    assert {path: path.stat().st_mtime_ns for path in jasmin.store.iterdir()} == saved
    assert untouched(console, credential)


def test_a_change_of_one_touches_no_other_bind(gateway, add_credential, console, smsc):
    changed, other = add_credential("changed"), add_credential("other")
    run(gateway)

    change(changed, system_type="new", bind_type="receiver", throughput=3)
    (entry,) = run(gateway).changes

    assert (entry["key"], entry["action"]) == (changed.gateway_key, "update")
    assert untouched(console, other)
    smsc.wait_for(lambda: row(console, changed).session == "BOUND_RX")
    assert smsc.system("changed").binds_accepted == 2


def test_a_disabled_credential_unbinds_and_an_enabled_one_binds_again(
    gateway, add_credential, console, smsc
):
    credential = add_credential()
    run(gateway)

    change(credential, enabled=False)
    runs.run(gateway, trigger="push")

    smsc.wait_for(lambda: smsc.system("acme").live_binds == 0)
    assert row(console, credential).running is False
    assert (status(credential).sync_state, status(credential).bind_state) == ("synced", "disabled")
    assert run(gateway).ending is Ending.IN_SYNC

    change(credential, enabled=True)
    runs.run(gateway, trigger="push")

    assert (status(credential).sync_state, status(credential).bind_state) == ("synced", "bound")
    assert smsc.system("acme").bind_attempts == 2


def test_a_credential_that_is_made_disabled_never_binds(gateway, add_credential, console, smsc):
    credential = add_credential(enabled=False)

    runs.run(gateway, trigger="push")

    assert row(console, credential).starts == 0
    assert smsc.system("acme").bind_attempts == 0
    assert status(credential).bind_state == "disabled"


def test_a_deleted_credential_leaves_nothing_behind(
    gateway, add_credential, console, smsc, organization
):
    credential, keep = add_credential("gone"), add_credential("keep")
    run(gateway)

    change(credential, deleted_at=timezone.now())
    result = run(gateway)

    assert [(e["kind"], e["action"]) for e in result.changes] == [
        ("route", "delete"),
        ("user", "delete"),
        ("connector", "delete"),
    ]
    found = actual.read(console)
    assert [route.user for route in found.routes] == [keep.gateway_key]
    assert set(found.connectors) == set(found.users) == {keep.gateway_key}
    assert not Credential.objects.filter(pk=credential.pk).exists()
    smsc.wait_for(lambda: smsc.system("gone").live_binds == 0)
    assert untouched(console, keep)


def test_one_made_again_starts_only_when_the_old_one_has_stopped(
    gateway, add_credential, organization, smsc
):
    """The carrier allows one bind: a connector that starts too early would be refused."""
    old = add_credential(faults=["already-bound:1"])
    run(gateway)
    change(old, deleted_at=timezone.now())
    again = make_credential(organization, port=smsc.port, system_id="acme")

    runs.run(gateway, trigger="push", organization_id=organization.pk)

    smsc.wait_for(lambda: smsc.system("acme").live_binds == 1)
    assert dict(smsc.system("acme").binds_refused) == {}
    assert smsc.system("acme").bind_attempts == 2
    assert (status(again).sync_state, status(again).bind_state) == ("synced", "bound")
    assert list(Credential.objects.all()) == [again]


def test_a_name_that_turns_to_us_is_never_connected_to(
    gateway, organization, make_smsc, names, settings, console
):
    settings.SMPP_ALLOWED_NETWORKS = ["127.0.0.2/32"]
    carrier = make_smsc(host="127.0.0.2")
    system = carrier.add_system("acme", PASSWORD)
    names["carrier.example"] = ["127.0.0.2"]
    credential = make_credential(
        organization, host="carrier.example", port=carrier.port, system_id="acme"
    )
    run(gateway)
    assert status(credential).bind_state == "bound"

    with socket.create_server(("127.0.0.1", carrier.port)) as ours:
        names["carrier.example"] = ["127.0.0.1"]
        carrier.drop_binds("acme")  # Jasmin would ask for the name now, had it been given it
        for _ in range(2):
            runs.run(gateway, trigger="beat")
        change(credential, throughput=7)
        runs.run(gateway, trigger="push")

        ours.settimeout(0.2)
        with pytest.raises(TimeoutError):
            ours.accept()
    found = actual.read(console).connectors[credential.gateway_key]
    assert (found.running, found.settings["host"]) == (False, "127.0.0.2")
    assert "carrier.example (127.0.0.1) is not allowed" in status(credential).sync_error

    names["carrier.example"] = ["127.0.0.2"]
    runs.run(gateway, trigger="beat")
    carrier.wait_for(lambda: system.live_binds == 1)
