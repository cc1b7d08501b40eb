"""Who may look, who may press what, and what is written down of it."""

from __future__ import annotations

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import get_resolver

from orbit.accounts.models import AuditEvent
from orbit.console import roles
from tests.factories import PASSWORD, make_user
from tests.orbit.console.conftest import last_event, path_of

LISTS = [
    "messaging/credential", "messaging/carrier", "messaging/carriertest", "messaging/access",
    "messaging/message", "messaging/campaign", "messaging/webhook", "messaging/inboundmessage",
    "messaging/ownnumber", "messaging/optout", "messaging/notice",
    "reconciler/run", "reconciler/gateway", "reconciler/placement", "accounts/organization",
    "accounts/member", "accounts/apikey", "accounts/auditevent", "accounts/user",
]  # fmt: skip
OPERATED = ["push", "disable", "enable", "edit", "rotate", "compare"]


@pytest.mark.parametrize("role", list(roles.PERMISSIONS))
def test_every_role_may_look(sign_in, credential, role):
    client = sign_in(role)
    assert [each for each in LISTS if client.get(f"/admin/{each}/").status_code != 200] == []
    for path in ("/admin/", path_of(credential), "/admin/console/reconcile/"):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("button", [*OPERATED, "reveal"])
def test_read_only_operators_press_no_button(sign_in, credential, button):
    client = sign_in("Read only")
    assert client.post(path_of(credential, button)).status_code == 403
    assert last_event().outcome == "refused"
    assert f"/{button}/" not in client.get(path_of(credential)).text


def test_an_operator_may_neither_reveal_nor_force(operator, credential):
    assert operator.post(path_of(credential, "reveal")).status_code == 403
    assert "/reveal/" not in operator.get(path_of(credential)).text
    assert "although unsafe" not in operator.get("/admin/console/reconcile/").text


@pytest.mark.parametrize(
    "path",
    [
        "messaging/credential",
        "messaging/carrier",
        "messaging/carriertest",
        "reconciler/run",
        "messaging/message",
        "messaging/campaign",
        "messaging/webhook",
    ],
)
def test_an_unknown_key_is_answered_with_404(operator, path):
    for key in ("nobody", "%00", "cred_%00"):
        assert operator.get(f"/admin/{path}/{key}/change/").status_code == 404


def test_staff_without_a_role_see_nothing(db, credential):
    client = Client()
    client.force_login(make_user(is_staff=True))
    assert [each for each in LISTS if client.get(f"/admin/{each}/").status_code != 403] == []
    assert "Orange FR" not in client.get("/admin/").text
    assert client.get(path_of(credential, "status")).status_code == 403


def test_every_address_of_the_console_needs_a_login(client, credential):
    console = next(each for each in get_resolver().url_patterns if "console" in str(each.pattern))
    paths = [
        "/admin/console/"
        + str(each.pattern)
        .replace("<str:credential_id>", credential.pk)
        .replace("<str:chain>", "system")
        .replace("<str:ticket>", "0" * 32)
        .replace("<str:test_id>", "ctst_0")
        for each in console.url_patterns
        if not str(each.pattern).startswith("sign-in/")  # this is one
    ]
    assert len(paths) > 10
    for path in paths:
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/admin/login/"), path


def test_a_fragment_after_the_session_s_end_has_its_page_load_again(client, credential):
    for path in ("/admin/console/home/trouble/", path_of(credential, "status")):
        answer = client.get(path, headers={"HX-Request": "true"})
        assert (answer.headers["HX-Refresh"], answer.content) == ("true", b"")


def test_only_superusers_manage_people(administrator):
    person = make_user()
    page = f"/admin/accounts/user/{person.pk}/change/"
    assert (
        administrator.post(page, {"email": person.email, "is_superuser": "on"}).status_code == 403
    )
    assert administrator.get("/admin/accounts/user/add/").status_code == 403
    assert person.password not in administrator.get(page).text


def test_a_right_that_was_added_to_a_role_stays(db):
    group = Group.objects.get(name=roles.READ_ONLY)
    before = group.permissions.count()
    assert before > 5
    extra = Group.objects.get(name=roles.OPERATOR).permissions.get(codename="operate")
    group.permissions.add(extra)
    for app in ("accounts", "console"):
        roles.make_groups(sender=type("App", (), {"label": app}))
    assert group.permissions.count() == before + 1


class TestSigningIn:
    @pytest.fixture
    def person(self, db):
        return make_user("op@example.com", is_staff=True)

    def sign_in(self, client, password=PASSWORD):
        form = {"username": "op@example.com", "password": password}
        return client.post("/admin/login/?next=/admin/", form)

    def test_it_is_audited_and_so_is_the_end(self, client, person):
        assert self.sign_in(client).status_code == 302
        assert (last_event().action, last_event().actor_name) == ("session.login", person.email)
        client.post("/admin/logout/")
        assert (last_event().action, last_event().target) == ("session.logout", person.email)

    def test_without_a_page_to_go_to_it_leads_home(self, client, person):
        form = {"username": person.email, "password": PASSWORD}
        answer = client.post("/admin/login/", form, follow=True)
        assert (answer.redirect_chain, answer.status_code) == ([("/admin/", 302)], 200)

    def test_a_wrong_password_is_audited(self, client, person):
        assert self.sign_in(client, "wrong").status_code == 200
        event = last_event()
        assert (event.action, event.outcome) == ("session.login_failed", "refused")
        assert "wrong" not in f"{event.detail} {event.target}"

    def test_a_user_who_is_no_staff_is_not_let_in(self, client, db):
        make_user("op@example.com")
        assert self.sign_in(client).status_code == 200
        assert last_event().action == "session.login_failed"

    @pytest.mark.stack
    @time_machine.travel("2026-11-25T12:01:00Z", tick=False)  # one window for all three
    def test_it_is_throttled_together_with_the_api(self, client, person, settings):
        settings.LOGIN_RATE_LIMIT = "2/300"
        body = {"email": "op@example.com", "password": "wrong"}
        client.post("/v1/auth/login", body, content_type="application/json")
        self.sign_in(client, "wrong")
        assert "Rate limit exceeded" in self.sign_in(client).text
        assert AuditEvent.objects.filter(action="session.login").count() == 0


def test_a_form_of_another_site_changes_nothing(operator, credential):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator.person)
    assert strict.post(path_of(credential, "disable")).status_code == 403
