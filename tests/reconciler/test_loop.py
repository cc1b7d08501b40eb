"""A pass against the real Jasmin: what is wanted becomes true, and nothing bounces."""

from __future__ import annotations

import pytest

from reconciler import actual
from reconciler.loop import reconcile
from reconciler.result import Ending
from tests.reconciler.conftest import change

pytestmark = pytest.mark.stack


def run(gateway, **options):
    return reconcile(gateway, trigger="command", **options)


def row(console, credential):
    return actual.read_sessions(console)[credential.gateway_key]


def test_a_credential_is_bound_and_a_second_pass_finds_nothing(gateway, add_credential, smsc):
    credential = add_credential()

    first = run(gateway)
    second = run(gateway)

    assert first.ending is Ending.APPLIED, first
    assert first.persisted
    assert [entry["action"] for entry in first.changes] == ["create"] * 4
    assert (second.ending, second.changes) == (Ending.IN_SYNC, ())
    credential.status.refresh_from_db()
    assert credential.status.sync_state == "synced"
    assert credential.status.bind_state == "bound"
    assert smsc.system("acme").live_binds == 1


def test_ten_passes_over_a_bound_connector_do_not_touch_it(
    gateway, add_credential, console, jasmin
):
    credential = add_credential()
    run(gateway)
    saved = {path: path.stat().st_mtime_ns for path in jasmin.store.iterdir()}

    endings = {run(gateway).ending for _ in range(10)}

    assert endings == {Ending.IN_SYNC}
    found = row(console, credential)
    assert (found.session, found.starts, found.stops) == ("BOUND_TRX", 1, 0)
    assert {path: path.stat().st_mtime_ns for path in jasmin.store.iterdir()} == saved


def test_a_new_host_and_password_are_one_new_bind_before_the_old_one_ends(
    gateway, add_credential, make_smsc, smsc, console
):
    credential = add_credential()
    run(gateway)
    elsewhere = make_smsc(host="127.0.0.2")
    elsewhere.add_system("acme", "other")

    change(credential, host="127.0.0.2", port=elsewhere.port, password="other")
    result = run(gateway)

    (entry,) = result.changes
    assert (entry["action"], entry["drops_bind"]) == ("update", False)
    assert [field["name"] for field in entry["fields"]] == ["host", "port", "lane", "password"]
    elsewhere.wait_for(lambda: elsewhere.system("acme").live_binds == 1)
    smsc.wait_for(lambda: smsc.system("acme").live_binds == 0)
    assert elsewhere.system("acme").bind_attempts == 1
    assert smsc.system("acme").bind_attempts == 1
    found = row(console, credential)
    assert (found.session, found.starts, found.stops) == ("BOUND_TRX", 1, 0)


def test_a_new_throughput_restarts_nothing_also_after_a_rotation(
    gateway, add_credential, console, smsc
):
    credential = add_credential()
    run(gateway)
    smsc.system("acme").password = "other"
    change(credential, password="other")
    run(gateway)
    assert smsc.system("acme").bind_attempts == 2

    change(credential, throughput=70, enquire_link_interval=60)
    result = run(gateway)

    (entry,) = result.changes
    assert (entry["kind"], entry["action"], entry["drops_bind"]) == ("connector", "update", False)
    found = row(console, credential)
    assert (found.session, found.starts, found.stops) == ("BOUND_TRX", 1, 0)
    assert smsc.system("acme").bind_attempts == 2


def test_a_new_name_touches_jasmin_not_at_all(gateway, add_credential):
    credential = add_credential()
    run(gateway)

    change(credential, name="Another name", inbound_parts_timeout=60)

    assert run(gateway).ending is Ending.IN_SYNC
    credential.status.refresh_from_db()
    assert credential.status.sync_state == "synced"


def test_a_plan_changes_nothing(gateway, add_credential, console):
    add_credential()

    result = run(gateway, plan_only=True)

    assert result.ending is Ending.PLANNED
    assert len(result.changes) == 4
    assert console.ask("smppccm -l")[0] == ["Total connectors: 0"]
