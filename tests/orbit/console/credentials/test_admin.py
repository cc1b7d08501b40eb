"""The list and the page of credentials."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.credentials.models import Credential
from reconciler.models import BindChange
from tests.orbit.console.conftest import SECRET, path_of, secrets_of

LIST = "/admin/messaging/credential/"


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
