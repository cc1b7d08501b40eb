"""The list and the page of credentials, and their buttons."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from messaging import gateway
from messaging.credentials.models import Credential, CredentialStatus
from orbit.accounts.models import AuditEvent
from reconciler.models import BindChange
from tests.factories import PASSWORD
from tests.orbit.console.conftest import SECRET, last_event, path_of, secrets_of

LIST = "/admin/messaging/credential/"


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_no_page_has_a_password_in_it(administrator, credential, carrier):
    Credential.objects.filter(pk=credential.pk).update(staged_password="st4ged!!")
    pages = ["", "edit", "rotate", "reveal", "status"]
    for path in (LIST, "/admin/", *(path_of(credential, page) for page in pages)):
        answer = administrator.get(path)
        assert answer.status_code == 200, path
        assert not [secret for secret in secrets_of(credential) if secret in answer.text], path


def test_the_page_has_all_that_concerns_it(administrator, credential, carrier):
    text = administrator.get(path_of(credential)).text
    for shown in (
        "acme@127.0.0.1:2775",
        "Acme Travel",
        "connection refused",
        "Orange",
        "FR 1 of 1",
    ):
        assert shown in text


class TestHistory:
    def tell(self, credential: Credential, count: int) -> None:
        start = timezone.now() - timedelta(hours=count)
        BindChange.objects.bulk_create(
            BindChange(
                credential=credential,
                state=["bound", "unbound"][number % 2],
                reason=f"reason {number}" * (number % 2),
                at=start + timedelta(hours=number),
            )
            for number in range(count)
        )

    def test_it_says_since_when_how_long_and_why(self, operator, credential):
        self.tell(credential, 4)
        for path in (path_of(credential), path_of(credential, "history")):
            text = operator.get(path).text
            assert text.index("reason 3") < text.index("reason 1")
            assert text.count(">1 h</time>") >= 4

    def test_it_shows_the_last_ones_and_leads_to_all(self, operator, credential):
        self.tell(credential, 25)
        text = operator.get(path_of(credential, "history")).text
        assert text.count('data-label="since"') == 10
        address = re.search(r'href="(/admin/reconciler/bindchange/[^"]*)">25 changes', text)[1]
        assert operator.get(address).context["cl"].result_count == 25

    def test_a_credential_that_no_pass_has_read_has_none(self, operator, credential):
        assert "No pass has looked at it yet" in operator.get(path_of(credential)).text


@pytest.mark.parametrize(
    "query",
    ["?q=orange", "?status__bind_state__exact=unbound", "?trouble=yes", "?enabled__exact=1"],
)
def test_it_can_be_searched_and_filtered(operator, credential, query):
    assert "Orange FR" in operator.get(LIST + query).text
    assert "Orange FR" not in operator.get(LIST + "?q=nobody").text


def test_the_list_begins_with_what_is_wrong(operator, credential):
    good = Credential.objects.create(
        organization=credential.organization, name="Good one", host="127.0.0.2", system_id="g",
        password=SECRET, password_set_at=credential.password_set_at,
    )  # fmt: skip
    text = operator.get(LIST).text
    assert good.pk > credential.pk
    assert text.index("Orange FR") < text.index("Good one")


def test_a_deleted_one_is_gone(operator, credential):
    Credential.objects.update(deleted_at=credential.created_at)
    assert operator.get(path_of(credential)).status_code == 404
    assert operator.post(path_of(credential, "push")).status_code == 404
    assert "Orange FR" not in operator.get(LIST).text


def test_nothing_is_changed_but_by_buttons(administrator, credential):
    assert administrator.get(f"{LIST}add/").status_code == 403
    administrator.post(path_of(credential), {"name": "x"})
    deletion = f"{LIST}{credential.pk}/delete/"
    assert administrator.post(deletion, {"post": "yes"}).status_code == 403
    assert Credential.objects.get(pk=credential.pk).version == 1


def test_push_now(operator, credential, monkeypatch, django_capture_on_commit_callbacks):
    ids: list[str] = []
    port = type("Port", (), {"push": staticmethod(ids.append)})
    monkeypatch.setattr(gateway, "_implementation", port)
    with django_capture_on_commit_callbacks(execute=True):
        answer = operator.post(path_of(credential, "push"))
    assert answer.headers["Location"] == path_of(credential)
    assert ids == [credential.organization_id]
    event = last_event()
    assert (event.action, event.target) == ("credential.pushed", credential.pk)
    assert (event.actor_type, event.actor_name) == ("operator", operator.person.email)
    assert (event.address, event.request_id[:4]) == ("127.0.0.1", "req_")


def test_off_and_on(operator, credential):
    for button, enabled in (("disable", False), ("enable", True)):
        operator.post(path_of(credential, button))
        assert Credential.objects.get(pk=credential.pk).enabled is enabled
        assert last_event().action == "credential.updated"


@pytest.mark.parametrize("button", ["push", "disable", "enable", "compare"])
def test_a_button_takes_post_alone(operator, credential, button):
    assert operator.get(path_of(credential, button)).status_code == 405


class TestRotate:
    def test_a_generated_password_is_staged(self, operator, credential):
        answer = operator.post(path_of(credential, "rotate"), {"kind": "stage"})
        assert answer.status_code == 302
        assert "staged" in said(answer)
        assert Credential.objects.get(pk=credential.pk).staged_password not in said(answer)

    def test_a_known_password_is_switched_to(self, operator, credential):
        order = {"kind": "switch", "password": "n3w", "skip_trial": "on"}
        assert operator.post(path_of(credential, "rotate"), order).status_code == 302
        assert Credential.objects.get(pk=credential.pk).password == "n3w"

    def test_a_fault_is_told_and_the_password_is_not(self, operator, credential):
        order = {"kind": "switch", "password": "far-too-long-for-smpp"}
        answer = operator.post(path_of(credential, "rotate"), order)
        assert "oc-error" in answer.text
        assert "far-too-long" not in answer.text

    def test_nothing_to_activate(self, operator, credential):
        answer = operator.post(path_of(credential, "rotate"), {"kind": "activate"})
        assert "no staged password" in answer.text


class TestReveal:
    def test_once_after_the_operators_own_password(self, administrator, credential):
        path = path_of(credential, "reveal")
        shown = administrator.post(path, {"own_password": PASSWORD})
        assert SECRET in shown.text
        assert "no-store" in shown.headers["Cache-Control"]
        assert (last_event().action, last_event().outcome) == ("credential.revealed", "ok")
        again = administrator.post(path, {"own_password": PASSWORD})
        assert SECRET not in again.text
        assert "is not shown again" in again.text
        assert last_event().outcome == "refused"

    def test_not_with_another_password(self, administrator, credential):
        answer = administrator.post(path_of(credential, "reveal"), {"own_password": SECRET})
        assert "This is not your password" in answer.text
        assert (last_event().outcome, last_event().detail) == (
            "refused",
            "wrong password of the operator",
        )
        assert Credential.objects.get(pk=credential.pk).password_revealed_at is None

    @pytest.mark.stack
    def test_guesses_are_throttled(self, administrator, credential, settings):
        settings.LOGIN_RATE_LIMIT = "2/300"
        path = path_of(credential, "reveal")
        for _ in range(2):
            administrator.post(path, {"own_password": "guess"})
        answer = administrator.post(path, {"own_password": PASSWORD})
        assert "Rate limit exceeded" in answer.text
        assert SECRET not in answer.text


def test_every_refused_right_is_audited(operator, credential):
    before = AuditEvent.objects.count()
    assert operator.get(path_of(credential, "reveal")).status_code == 403
    assert AuditEvent.objects.count() == before + 1
    assert (last_event().outcome, last_event().actor_name) == ("refused", operator.person.email)


@pytest.mark.parametrize("listed", [True, False])
def test_one_that_no_pass_has_looked_at_is_pending_and_its_bind_unknown(
    operator, credential, listed
):
    def counts() -> list[int]:
        text = operator.get(LIST if listed else path_of(credential)).text
        return [text.count(f">{state}<") for state in ("synced", "unbound", "pending", "unknown")]

    synced, unbound, pending, unknown = counts()
    CredentialStatus.objects.all().delete()

    assert counts() == [synced - 1, unbound - 1, pending + 1, unknown + 1]
