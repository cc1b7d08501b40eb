"""The page of an access and its buttons."""

from __future__ import annotations

import pytest
from django.contrib.admin.utils import quote
from django.contrib.messages import get_messages
from django.utils import timezone

from messaging import gateway
from messaging.access.models import Access
from orbit.accounts.models import Organization
from tests.factories import make_organization
from tests.orbit.console.conftest import last_event

SECRET = "acc3ss!!"


@pytest.fixture
def access(db) -> Access:
    return Access.objects.create(
        organization=make_organization("Acme Travel"),
        password=SECRET,
        password_set_at=timezone.now(),
        bound_sessions=2,
        sync_state="error",
        sync_error="Jasmin said no",
    )


@pytest.fixture
def pushed(monkeypatch, django_capture_on_commit_callbacks) -> list[str]:
    ids: list[str] = []
    port = type(
        "Port",
        (),
        {"push": staticmethod(ids.append), "smpp_address": staticmethod(lambda pk: ("gw", 2775))},
    )
    monkeypatch.setattr(gateway, "_implementation", port)
    monkeypatch.setattr("django.db.transaction.on_commit", lambda effect: effect())
    return ids


def path_of(access: Access, button: str = "") -> str:
    if button:
        return f"/admin/console/accesses/{access.pk}/{button}/"
    return f"/admin/messaging/access/{quote(access.pk)}/change/"


def stored(access: Access) -> Access:
    return Access.objects.get(pk=access.pk)


def test_the_pages_show_all_but_the_password(operator, access):
    for path in ("/admin/messaging/access/", path_of(access), path_of(access, "rotate")):
        text = operator.get(path).text
        assert "Acme Travel" in text
        assert SECRET not in text
    text = operator.get(path_of(access)).text
    for said in (access.organization.gateway_key, "Jasmin said no", "2 sessions bound"):
        assert said in text
    fragment = operator.get(path_of(access, "status")).text
    assert "Jasmin said no" in fragment
    assert "<html" not in fragment


def test_nothing_is_changed_but_by_buttons(administrator, access):
    base = "/admin/messaging/access/"
    assert administrator.get(f"{base}add/").status_code == 403
    assert administrator.post(f"{base}{access.pk}/delete/", {"post": "yes"}).status_code == 403
    administrator.post(path_of(access), {"enabled": "on"})
    assert stored(access).version == 1


def test_push_now(operator, access, pushed):
    assert operator.post(path_of(access, "push")).headers["Location"] == path_of(access)
    assert pushed == [access.pk]
    event = last_event()
    assert (event.action, event.target, event.actor_type) == (
        "access.pushed", access.pk, "operator",
    )  # fmt: skip


def test_on_and_off(operator, access, pushed):
    for button, enabled in (("enable", True), ("disable", False)):
        operator.post(path_of(access, button))
        assert stored(access).enabled is enabled
        assert (last_event().action, last_event().changes) == ("access.updated", ["enabled"])
        assert stored(access).sync_state == "pending"
    assert pushed == [access.pk] * 2


class TestRotate:
    def test_it_says_first_what_it_drops(self, operator, access):
        text = operator.get(path_of(access, "rotate")).text
        assert "drops what is bound" in text
        assert "2 bound sessions" in text
        assert stored(access).password == SECRET

    def test_it_replaces_the_password_and_shows_it_nowhere(self, operator, access, pushed):
        answer = operator.post(path_of(access, "rotate"))
        news = stored(access).password
        assert news != SECRET
        assert (last_event().action, last_event().actor_name) == (
            "access.rotated", operator.person.email,
        )  # fmt: skip
        said = " ".join(str(each) for each in get_messages(answer.wsgi_request))
        assert "replaced" in said
        assert news not in said + operator.get(path_of(access)).text
        assert pushed == [access.pk]


class TestChange:
    def test_what_differs_is_written(self, operator, access, pushed):
        fields = {"max_bindings": 5, "throughput": "", "version": 1}
        assert operator.post(path_of(access, "edit"), fields).status_code == 302
        assert stored(access).max_bindings == 5
        assert last_event().changes == ["max_bindings"]

    def test_from_where_it_may_be_bound_is_written_and_shown(self, operator, access, pushed):
        fields = {"max_bindings": 2, "throughput": "", "version": 1}
        fields["allowed_ips"] = "198.51.100.0/24, 2001:db8::/48"
        shown = operator.post(path_of(access, "edit"), fields, follow=True).text
        assert stored(access).allowed_ips == ["198.51.100.0/24", "2001:db8::/48"]
        assert "198.51.100.0/24, 2001:db8::/48" in shown
        assert last_event().changes == ["allowed_ips"]
        assert pushed == [access.pk]

    @pytest.mark.parametrize(
        "fields", [{"max_bindings": 101}, {"throughput": 0}, {"allowed_ips": "anywhere"}]
    )
    def test_the_api_s_rules_hold(self, operator, access, fields):
        kept = {"max_bindings": 2, "throughput": "", "version": 1}
        assert "oc-error" in operator.post(path_of(access, "edit"), kept | fields).text
        assert stored(access).version == 1

    def test_a_change_of_an_older_version_is_refused(self, operator, access):
        Access.objects.update(version=2)
        fields = {"max_bindings": 5, "throughput": "", "version": 1}
        assert "Somebody else changed" in operator.post(path_of(access, "edit"), fields).text
        assert stored(access).max_bindings == 2


@pytest.mark.parametrize("button", ["push", "enable", "disable", "edit", "rotate"])
def test_read_only_operators_press_no_button(sign_in, access, button):
    client = sign_in("Read only")
    assert client.post(path_of(access, button)).status_code == 403
    assert (last_event().outcome, last_event().target) == ("refused", access.pk)
    assert f"/{button}/" not in client.get(path_of(access)).text
    assert stored(access).version == 1


@pytest.mark.parametrize("button", ["push", "enable", "disable"])
def test_a_button_takes_post_alone(operator, access, button):
    assert operator.get(path_of(access, button)).status_code == 405


def test_an_organisation_that_never_looked_has_no_page(operator, db):
    never = Access(pk=Organization.objects.create(name="Nobody").pk)
    for path in (path_of(never), path_of(never, "edit")):
        assert operator.get(path).status_code == 404
