"""Jasmin is killed and comes back with nothing, with old things, or in the middle of a pass."""

from __future__ import annotations

import shutil

import pytest

from messaging.credentials.models import CredentialStatus
from reconciler import actual, executor
from reconciler.gateway_client import gateway_console
from reconciler.models import Run, RunState
from reconciler.result import Ending
from tests.reconciler.conftest import change
from tests.reconciler.passes import run, status

pytestmark = pytest.mark.stack


def assert_in_sync(gateway, smsc, *credentials) -> None:
    assert run(gateway).ending is Ending.IN_SYNC
    for credential in credentials:
        seen = status(credential)
        assert (seen.sync_state, seen.bind_state) == ("synced", "bound")
        assert smsc.system(credential.system_id).live_binds == 1
    with gateway_console.connect(gateway) as console:
        found = actual.read(console)
    assert set(found.connectors) == {one.gateway_key for one in credentials}


def test_an_empty_store_is_filled_again(gateway, credential, add_credential, restart, smsc):
    other = add_credential("other")
    run(gateway)

    restart(None)
    result = run(gateway)

    assert result.ending is Ending.APPLIED
    assert [entry["action"] for entry in result.changes] == ["create"] * 7
    assert_in_sync(gateway, smsc, credential, other)


def test_an_older_store_is_brought_up_to_date(
    gateway, credential, add_credential, restart, smsc, jasmin, tmp_path
):
    """In it: a credential that was deleted since, one as it was, and not the newest.

    Jasmin's loader enables every user anew (its tools/migrations/migration.py:18).
    """
    gone, off = add_credential("gone"), add_credential("off", enabled=False)
    run(gateway)
    shutil.copytree(jasmin.store, tmp_path / "store")
    change(gone, deleted_at=gone.created_at)
    change(credential, throughput=7, system_type="new")
    newest = add_credential("newest")
    run(gateway)

    restart(tmp_path / "store")
    smsc.wait_for(lambda: smsc.system("gone").live_binds == 1)
    result = run(gateway)

    assert result.ending is Ending.APPLIED
    done = {(e["kind"], e["key"], e["action"]) for e in result.changes if e["kind"] != "route"}
    assert done == {
        ("user", newest.gateway_key, "create"),
        ("connector", newest.gateway_key, "create"),
        ("connector", credential.gateway_key, "update"),
        ("user", off.gateway_key, "disable"),
        ("user", gone.gateway_key, "delete"),
        ("connector", gone.gateway_key, "delete"),
    }
    smsc.wait_for(lambda: smsc.system("gone").live_binds == 0)
    assert run(gateway).ending is Ending.IN_SYNC
    smsc.wait_for(lambda: smsc.system("newest").live_binds == smsc.system("acme").live_binds == 1)
    assert smsc.system("off").bind_attempts == 0


def test_a_pass_waits_until_a_starting_jasmin_has_loaded_what_it_saved(
    gateway, credential, add_credential, restart, smsc, jasmin, tmp_path
):
    """Jasmin's ports open before it has loaded all: an object added then could exist twice."""
    others = [add_credential(f"acme{n}") for n in range(12)]
    run(gateway)
    shutil.copytree(jasmin.store, tmp_path / "store")

    restart(tmp_path / "store")
    result = run(gateway)

    assert not [e for e in result.changes if e["action"] == "create"], result
    run(gateway)
    for each in (credential, *others):
        smsc.wait_for(lambda each=each: smsc.system(each.system_id).live_binds == 1)
    run(gateway)
    assert_in_sync(gateway, smsc, credential, *others)


def test_a_jasmin_killed_in_the_middle_of_a_pass_is_finished_by_the_next(
    gateway, credential, add_credential, smsc, jasmin, monkeypatch
):
    others = [add_credential(f"acme{n}") for n in range(6)]
    in_order = executor._add_in_order

    def then_kill(console, changes):
        try:
            return in_order(console, changes)
        finally:
            jasmin.kill()

    with monkeypatch.context() as patch:
        patch.setattr(executor, "_add_in_order", then_kill)
        result = run(gateway)

    assert result.ending is Ending.DOWN
    gateway.refresh_from_db()
    assert (gateway.state, gateway.unpersisted) == ("down", True)
    assert set(CredentialStatus.objects.values_list("bind_state", flat=True)) == {"unknown"}
    assert not Run.objects.filter(state=RunState.RUNNING).exists()

    jasmin.start()
    assert run(gateway).ending is Ending.APPLIED
    assert_in_sync(gateway, smsc, credential, *others)
    gateway.refresh_from_db()
    assert (gateway.state, gateway.unpersisted) == ("up", False)
