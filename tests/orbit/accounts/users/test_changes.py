"""What operators and commands do to people is in the audit: who did it, and from where."""

from __future__ import annotations

from contextvars import Context

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client

from orbit.accounts.actors import command
from orbit.accounts.models import AuditEvent, User
from orbit.accounts.users import changes
from orbit.api import throttling
from orbit.cache import Spent
from tests.factories import PASSWORD, make_member, make_user

pytestmark = pytest.mark.django_db

GOOD = "a-good-long-password"


@pytest.fixture
def superuser() -> Client:
    person = make_user("root@example.com", is_staff=True, is_superuser=True)
    client = Client(REMOTE_ADDR="198.51.100.7")
    client.force_login(person)
    client.person = person
    return client


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action, organization_id=None).order_by("seq"))


def rights_of(user: User, **changed) -> dict:
    names = ("is_active", "is_staff", "is_superuser")
    ticked = {name: "on" for name in names if changed.get(name, getattr(user, name))}
    groups = changed.get("groups", [group.pk for group in user.groups.all()])
    return {"email": changed.get("email", user.email), "groups": groups, **ticked}


def test_a_person_made_in_the_console_is_a_row(superuser):
    form = {"email": "new@example.com", "password1": GOOD, "password2": GOOD}
    answer = superuser.post("/admin/accounts/user/add/", form | {"usable_password": "true"})

    assert answer.status_code == 302
    (event,) = events("user.created")
    assert (event.target, event.actor_name) == ("new@example.com", "root@example.com")
    assert (event.address, event.actor_type) == ("198.51.100.7", "operator")


def test_rights_and_roles_are_rows_that_name_them(superuser):
    user = make_user("ada@example.com")
    role = Group.objects.get(name="Admin")
    form = rights_of(user, is_staff=True, is_superuser=True, groups=[role.pk])

    superuser.post(f"/admin/accounts/user/{user.pk}/change/", form)

    (event,) = events("user.changed")
    assert event.changes == ["is_staff", "is_superuser", "groups"]
    assert event.detail == "active → active, operator, superuser, role Admin"


def test_a_form_that_changes_nothing_or_is_wrong_is_no_row(superuser):
    user = make_user("ada@example.com")

    superuser.post(f"/admin/accounts/user/{user.pk}/change/", rights_of(user))
    superuser.post(f"/admin/accounts/user/{user.pk}/change/", rights_of(user, email="no address"))

    assert events("user.changed") == []


def test_a_password_set_by_an_operator_is_a_row_of_the_organisation_too(superuser):
    member = make_member()
    form = {"password1": GOOD, "password2": GOOD, "usable_password": "true"}

    answer = superuser.post(f"/admin/accounts/user/{member.user_id}/password/", form)

    assert answer.status_code == 302
    (event,) = events("user.password_set")
    assert event.target == member.user.email
    assert AuditEvent.objects.filter(
        action="user.password_set", organization_id=member.organization_id
    ).exists()
    assert GOOD not in str(list(AuditEvent.objects.values()))


def test_people_deleted_one_by_one_and_from_the_list_are_rows(superuser):
    one, other = make_user("one@example.com"), make_user("other@example.com", is_staff=True)

    superuser.post(f"/admin/accounts/user/{one.pk}/delete/", {"post": "yes"})
    selected = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    superuser.post("/admin/accounts/user/", selected)

    targets = [event.target for event in events("user.deleted")]
    assert targets == ["one@example.com", "other@example.com"]
    assert not User.objects.filter(pk__in=[one.pk, other.pk]).exists()


def test_a_member_is_not_deleted_before_the_organisation_lets_them_go(superuser):
    member = make_member()
    path = f"/admin/accounts/user/{member.user_id}/delete/"

    assert superuser.post(path, {"post": "yes"}).status_code == 403
    assert events("user.deleted") == []


def test_the_commands_of_django_are_rows(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", GOOD)
    call_command("createsuperuser", "--noinput", "--email", "ada@example.com")
    monkeypatch.setattr("getpass.getpass", lambda *args, **kwargs: GOOD + "!")
    call_command("changepassword", "ada@example.com")

    assert [(event.action, event.actor_name) for event in AuditEvent.objects.order_by("seq")] == [
        ("user.created", "manage.py createsuperuser"),
        ("user.password_set", "manage.py changepassword"),
    ]


@pytest.mark.django_db(transaction=True)
def test_no_lock_is_held_while_a_password_is_typed(monkeypatch):
    make_user("ada@example.com")
    seen = []

    def type_it(*args, **kwargs) -> str:
        seen.append(connection.in_atomic_block)
        return GOOD + "!"

    monkeypatch.setattr("getpass.getpass", type_it)
    call_command("changepassword", "ada@example.com")

    assert set(seen) == {False}
    assert len(events("user.password_set")) == 1


class TestOnesOwnPassword:
    URL = "/admin/password_change/"

    def change(self, client: Client, old: str = PASSWORD):
        form = {"old_password": old, "new_password1": GOOD, "new_password2": GOOD}
        return client.post(self.URL, form)

    def test_a_change_is_a_row(self, superuser):
        assert self.change(superuser).status_code == 302
        (event,) = events("user.password_set")
        assert (event.target, event.outcome) == ("root@example.com", "ok")

    def test_a_wrong_old_password_is_a_refused_row(self, superuser):
        assert self.change(superuser, "wrong").status_code == 200
        (event,) = events("user.password_set")
        assert event.outcome == "refused"

    def test_it_counts_as_a_login(self, superuser, monkeypatch, settings):
        settings.LOGIN_RATE_LIMIT = "2/300"
        counts: dict[str, int] = {}

        def spend(key: str, **wanted) -> Spent:
            counts[key] = counts.get(key, 0) + 1
            return Spent(used=counts[key])

        monkeypatch.setattr(throttling, "_ask", spend)
        statuses = [self.change(superuser, "wrong").status_code for _ in range(3)]

        assert statuses == [200, 200, 429]
        assert superuser.get(self.URL).status_code == 200


def test_people_whom_others_make_at_the_same_time_are_theirs():
    with changes.audited_command(command("createsuperuser")):
        Context().run(make_user, "theirs@example.com")  # as in another thread
        make_user("ours@example.com")

    assert [event.target for event in events("user.created")] == ["ours@example.com"]
