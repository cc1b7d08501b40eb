"""Objects without our prefix are foreign, and stay as they are."""

from __future__ import annotations

import pytest

from orbit.accounts.models import Organization
from reconciler.result import Ending
from tests.reconciler.conftest import change, make_tenant
from tests.reconciler.passes import run, status

pytestmark = pytest.mark.stack


def all_of(hand, *names: str) -> dict[str, list[str]]:
    """Return all that Jasmin shows of these, without the counters of connectors."""
    lists = {
        kind: [row for row in hand(kind) if row.lstrip("#!").split(" ")[0] in names]
        for kind in ("group -l", "user -l", "smppccm -l")
    }
    return lists | {show: hand(show) for show in ("user -s them", "smppccm -s their-cid")}


def test_foreign_objects_stay_as_they_are_through_every_kind_of_pass(
    gateway, credential, organization, hand, add_credential, smsc
):
    ours = organization.gateway_key
    hand("group -a", "gid theirs", "ok", "group -d theirs")
    hand("user -a", "uid them", f"gid {ours}", "username them", "password x", "ok", "user -d them")
    hand("user -a", "uid other", "gid theirs", "username other", "password x", "ok")
    hand("smppccm -a", "cid their-cid", "port 1", "username u", "password p", "ok")
    names = ("theirs", "them", "other", "their-cid")
    before = all_of(hand, *names)

    assert run(gateway).ending is Ending.IN_SYNC
    add_credential("more")
    smsc.system("acme").password = "other"
    change(credential, port=credential.port, system_type="new", password="other")
    hand(f"user -r {credential.gateway_key}", f"group -d {ours}")
    result = run(gateway)

    assert result.ending is Ending.APPLIED, result
    assert len(result.warnings) == 3
    assert run(gateway).ending is Ending.IN_SYNC
    assert all_of(hand, *names) == before


def test_a_group_of_a_gone_organisation_stays_while_a_foreign_user_is_in_it(
    gateway, credential, organization, hand
):
    ours = organization.gateway_key
    hand("user -a", "uid them", f"gid {ours}", "username them", "password x", "ok")
    make_tenant(gateway)
    Organization.objects.filter(pk=organization.pk).delete()

    result = run(gateway)

    assert result.ending is Ending.APPLIED
    assert any("holds users that are not ours" in warning for warning in result.warnings)
    assert [row.split()[0] for row in hand("user -l")[1:-1]] == ["#them"]
    assert any(row.startswith(f"#{ours}") for row in hand("group -l"))
    hand("user -r them")
    assert [entry["key"] for entry in run(gateway).changes] == [ours]


def test_a_foreign_user_with_our_username_keeps_it_and_ours_says_so(
    gateway, add_credential, organization, hand
):
    credential = add_credential()
    key = credential.gateway_key
    hand("group -a", "gid theirs", "ok")
    hand("user -a", "uid them", "gid theirs", f"username {key}", "password x", "ok")
    before = hand("user -s them")

    for _ in range(2):
        run(gateway)

    assert [row.split()[0] for row in hand("user -l")[1:-1]] == ["#them"]
    assert hand("user -s them") == before
    assert (status(credential).sync_state, status(credential).bind_state) == ("error", "bound")
    assert "belongs to a user that is not ours" in status(credential).sync_error


def test_a_forced_pass_over_nothing_wanted_leaves_what_is_foreign(
    gateway, credential, hand, organization
):
    hand("group -a", "gid theirs", "ok")
    hand("user -a", "uid them", "gid theirs", "username them", "password x", "ok")
    hand("smppccm -a", "cid their-cid", "port 1", "username u", "password p", "ok")
    before = all_of(hand, "theirs", "them", "their-cid")
    Organization.objects.all().delete()

    assert run(gateway).ending is Ending.UNSAFE
    result = run(gateway, force=True)

    assert result.ending is Ending.APPLIED
    assert all_of(hand, "theirs", "them", "their-cid") == before
    assert hand("smppccm -l")[-1] == "Total connectors: 1"
