"""What people did to our objects in Jasmin by hand is undone by the next pass."""

from __future__ import annotations

import pytest

from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler.gateway_client import password_probe
from reconciler.result import Ending
from reconciler.state import User
from tests.reconciler.conftest import make_tenant
from tests.reconciler.passes import run

pytestmark = pytest.mark.stack


def lets_in(gateway, credential: Credential) -> bool:
    """Does Jasmin's HTTP API take the credential's own user?"""
    wanted = User(
        credential.gateway_key,
        "",
        credential.gateway_key,
        password=credential.gateway_password,
    )
    return password_probe._password_fits(gateway.http_url, wanted)


def test_a_connector_that_was_deleted_comes_back(credential, hand, repair, smsc):
    hand(f"smppccm -r {credential.gateway_key}")

    assert repair(credential) == [("connector", "create")]
    assert smsc.system("acme").live_binds == 1


def test_a_user_that_was_deleted_comes_back(gateway, credential, hand, repair, smsc):
    hand(f"user -r {credential.gateway_key}")
    assert not lets_in(gateway, credential)

    assert repair(credential) == [("user", "create")]
    assert lets_in(gateway, credential)
    assert smsc.system("acme").bind_attempts == 1


def test_a_group_that_was_deleted_comes_back_with_its_users(
    gateway, credential, organization, hand, repair, smsc
):
    hand(f"group -r {organization.gateway_key}")
    assert hand("user -l") == ["Total Users: 0"]

    assert repair(credential) == [("group", "create"), ("user", "create")]
    assert lets_in(gateway, credential)
    assert smsc.system("acme").bind_attempts == 1


def test_a_connector_that_was_stopped_is_started(credential, hand, repair, smsc):
    hand(f"smppccm -0 {credential.gateway_key}")
    smsc.wait_for(lambda: smsc.system("acme").live_binds == 0)

    assert repair(credential) == [("connector", "start")]
    assert smsc.system("acme").live_binds == 1


def test_a_user_that_was_disabled_is_enabled(gateway, credential, hand, repair):
    hand(f"user -d {credential.gateway_key}")
    assert not lets_in(gateway, credential)

    assert repair(credential) == [("user", "enable")]
    assert lets_in(gateway, credential)


def test_a_group_that_was_disabled_is_enabled_and_nothing_else(
    gateway, credential, organization, hand, repair
):
    hand(f"group -d {organization.gateway_key}")
    assert not lets_in(gateway, credential)

    assert repair(credential) == [("group", "enable")]
    assert lets_in(gateway, credential)


def test_what_was_made_for_an_organisation_that_is_gone_is_removed(
    gateway, credential, add_credential, hand, smsc
):
    keep = make_tenant(gateway)
    Organization.objects.filter(pk=credential.organization_id).delete()

    result = run(gateway)

    assert result.ending is Ending.APPLIED
    assert [(e["kind"], e["action"]) for e in result.changes] == [
        ("group", "create"),
        ("route", "delete"),
        ("user", "delete"),
        ("connector", "delete"),
        ("group", "delete"),
    ]
    assert hand("group -l")[1:] == [f"#{keep.gateway_key:<16}", "Total Groups: 1"]
    assert hand("user -l") == ["Total Users: 0"]
    assert hand("smppccm -l") == ["Total connectors: 0"]
    smsc.wait_for(lambda: smsc.system("acme").live_binds == 0)
    assert run(gateway).ending is Ending.IN_SYNC


def test_everything_undone_at_once_comes_home_in_one_pass(
    credential, add_credential, organization, hand, repair, gateway
):
    others = [add_credential(f"acme{n}") for n in range(4)]
    run(gateway)
    hand(
        f"group -d {organization.gateway_key}",
        f"user -r {credential.gateway_key}",
        f"smppccm -r {others[0].gateway_key}",
        f"smppccm -0 {others[1].gateway_key}",
        f"user -d {others[2].gateway_key}",
        f"smppccm -u {others[3].gateway_key}",
        "submit_throughput 7",
        "ok",
    )

    assert sorted(repair(credential)) == [
        ("connector", "create"),
        ("connector", "start"),
        ("connector", "update"),
        ("group", "enable"),
        ("user", "create"),
        ("user", "enable"),
    ]
