"""Administrators revoke keys, and invite, change and remove members of organisations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.utils import quote
from django.db import transaction
from django.test import Client
from django.utils import timezone

from orbit.accounts.actors import SYSTEM
from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.models import ApiKey, Member
from tests.factories import make_api_key, make_member, make_operator_key
from tests.orbit.console.conftest import last_event

pytestmark = pytest.mark.django_db


def page_of(key: ApiKey) -> str:
    return f"/admin/accounts/apikey/{quote(key.pk)}/change/"


def revoke(client: Client, key: ApiKey, **form: str):
    return client.post(f"/admin/console/keys/{key.pk}/revoke/", form, follow=True)


def members_path(member: Member, button: str) -> str:
    folder = f"/admin/console/organizations/{member.organization_id}/"
    return folder + ("invite/" if button == "invite" else f"members/{member.pk}/{button}/")


@pytest.fixture
def family(db) -> tuple[ApiKey, ApiKey]:
    parent = make_api_key().key
    with transaction.atomic():
        child = api_keys.create(
            by=SYSTEM,
            organization=parent.organization,
            name="Child",
            scopes=["credentials:read"],
            own_scopes=frozenset(parent.scopes),
            made_by_id=parent.made_by_id,
            parent=parent,
        ).key
    return parent, child


def test_a_key_is_revoked_and_those_that_live_on_are_named(administrator, family):
    parent, child = family
    assert "Child" in administrator.get(page_of(parent)).text

    answer = revoke(administrator, parent)

    assert "living on: Child" in answer.text
    assert last_event().target == parent.pk
    child.refresh_from_db()
    assert child.revoked_at is None


def test_its_children_are_revoked_with_it(administrator, family):
    parent, child = family
    revoke(administrator, parent, children="on")
    assert not ApiKey.objects.filter(pk__in=[parent.pk, child.pk], revoked_at=None).exists()


def test_an_operator_key_is_revoked(administrator):
    new = make_operator_key()
    revoke(administrator, new.key)
    client = Client(headers={"X-API-Key": new.secret})
    assert client.get("/v1/me").status_code == 401


def test_a_key_is_revoked_once(administrator, family):
    revoke(administrator, family[0])
    assert "revoked already" in revoke(administrator, family[0]).text


def test_a_member_is_invited_changed_and_removed(administrator):
    owner = make_member()
    form = {"email": "grace@example.com", "role": "viewer"}
    administrator.post(members_path(owner, "invite"), form)
    grace = Member.objects.get(user__email="grace@example.com")
    assert (grace.role, last_event().action) == ("viewer", "member.created")

    administrator.post(members_path(grace, "role"), {"role": "admin"})
    grace.refresh_from_db()
    assert (grace.role, last_event().action) == ("admin", "member.changed")

    administrator.post(members_path(grace, "remove"))
    assert not Member.objects.filter(pk=grace.pk).exists()
    assert last_event().action == "member.removed"


def test_a_form_with_faults_invites_nobody(administrator):
    owner = make_member()
    answer = administrator.post(members_path(owner, "invite"), {"email": "no", "role": "viewer"})
    assert answer.status_code == 200
    assert Member.objects.count() == 1


def test_the_last_owner_stays(administrator):
    owner = make_member()
    answer = administrator.post(members_path(owner, "remove"), follow=True)
    assert "at least one owner" in answer.text
    assert Member.objects.filter(pk=owner.pk).exists()


def test_a_member_of_another_organisation_is_not_found(administrator):
    one, other = make_member(), make_member()
    path = f"/admin/console/organizations/{one.organization_id}/members/{other.pk}/remove/"
    assert administrator.post(path).status_code == 404


def test_other_operators_look_and_press_nothing(operator, family):
    parent, _ = family
    owner = Member.objects.get()
    form = {"email": "grace@example.com", "role": "viewer"}

    answers = [revoke(operator, parent), operator.post(members_path(owner, "invite"), form)]
    answers += [operator.post(members_path(owner, name), form) for name in ("role", "remove")]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert last_event().outcome == "refused"
    page = operator.get(f"/admin/accounts/organization/{quote(owner.organization_id)}/change/")
    assert owner.user.email in page.text
    assert "Invite" not in page.text
    assert "Revoke" not in operator.get(page_of(parent)).text


def test_the_page_of_an_organisation_says_how_long_its_messages_are_kept(administrator, family):
    organization = family[0].organization
    path = f"/admin/accounts/organization/{quote(organization.pk)}/change/"
    assert "as long as everybody" in administrator.get(path).text

    type(organization).objects.update(messages_kept_days=7)

    assert "for 7 days after their end" in administrator.get(path).text


def test_who_is_invited_gets_the_least_role_unless_another_is_chosen(administrator, family):
    path = f"/admin/accounts/organization/{quote(family[0].organization_id)}/change/"
    form = administrator.get(path).context["form"]

    assert form["role"].value() == "viewer"
    assert '<option value="viewer" selected>' in str(form["role"])


def test_the_list_of_keys_says_which_live_until_when_and_which_are_over(administrator):
    now = timezone.now()
    new = {name: make_api_key().key for name in ("forever", "soon", "over", "revoked")}
    for name, fields in {
        "soon": {"expires_at": now + timedelta(days=30)},
        "over": {"expires_at": now - timedelta(days=1)},
        "revoked": {"revoked_at": now, "expires_at": now + timedelta(days=30)},
    }.items():
        ApiKey.objects.filter(pk=new[name].pk).update(**fields)

    listed = administrator.get("/admin/accounts/apikey/").text

    rows = {
        name: next(row for row in listed.split("<tr")[1:] if quote(key.pk) in row)
        for name, key in new.items()
    }
    assert "active" in rows["forever"] and "until" not in rows["forever"]
    assert "active" in rows["soon"] and "until" in rows["soon"]
    assert "expired" in rows["over"] and "active" not in rows["over"]
    assert "revoked" in rows["revoked"] and "active" not in rows["revoked"]


def test_a_role_that_there_is_not_changes_nothing(administrator):
    owner = make_member()
    answer = administrator.post(members_path(owner, "role"), {"role": "emperor"}, follow=True)
    assert "There is no such role." in answer.text
    owner.refresh_from_db()
    assert owner.role == "owner"
