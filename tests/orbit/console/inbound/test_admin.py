"""Texts of phones in the console: found cheaply, shown without what is personal."""

from __future__ import annotations

import pytest
from django.contrib.admin.utils import quote

from messaging.inbound.models import InboundMessage
from orbit.console.messages.views import TEXT_READ
from tests.factories import make_organization
from tests.orbit.console.conftest import last_event
from tests.orbit.console.two_way import PERSON, SECRET_TEXT, pdu_of, wrote

pytestmark = pytest.mark.django_db
LIST = "/admin/messaging/inboundmessage/"


@pytest.fixture
def text(credential) -> InboundMessage:
    found = wrote(
        credential.organization, segments=3, complete=False, credential=credential,
        answer_error=f"No way to {PERSON}.",
    )  # fmt: skip
    pdu_of(found, part=1, of=3)
    pdu_of(found, part=3, of=3, number=2, digest="e", copies=[{"at": "2026-01-01"}])
    return found


def page_of(text: InboundMessage) -> str:
    return f"{LIST}{quote(text.pk)}/change/"


def found(client, query: str) -> set[str]:
    return {row.pk for row in client.get(f"{LIST}?{query}").context["cl"].queryset}


@pytest.mark.parametrize("role", ["Read only", "Operator", "Admin"])
def test_no_page_shows_a_text_by_itself(sign_in, text, role):
    client = sign_in(role)
    for path in (LIST, page_of(text), "/admin/"):
        page = client.get(path).text
        assert SECRET_TEXT not in page
        assert SECRET_TEXT.encode().hex() not in page
        assert (PERSON[1:] in page) == (role != "Read only" and path != "/admin/")


def test_an_admin_reads_it_with_its_octets_and_the_audit_says_so(administrator, text):
    answer = administrator.post(f"/admin/console/texts/{text.pk}/")
    assert SECRET_TEXT in answer.text
    assert SECRET_TEXT.encode().hex() in answer.text
    event = last_event()
    assert (event.action, event.target, event.outcome) == (TEXT_READ, text.pk, "ok")


@pytest.mark.parametrize("role", ["Read only", "Operator"])
def test_others_may_not_and_have_no_button(sign_in, text, role):
    client = sign_in(role)
    answer = client.post(f"/admin/console/texts/{text.pk}/")
    assert (answer.status_code, SECRET_TEXT in answer.text) == (403, False)
    assert (last_event().action, last_event().outcome) == (TEXT_READ, "refused")
    assert "Show the text" not in client.get(page_of(text)).text


def test_the_page_says_what_lacks_what_was_repeated_and_why_nothing_answered(operator, text):
    page = operator.get(page_of(text)).text
    for said in ("parts missing", "could not be sent", f"No way to {PERSON}.", "3 of 3",
                 "1 time, not told again", text.credential.name):  # fmt: skip
        assert said in page
    assert "2 of 3" not in page


def test_it_is_found_by_id_by_sender_and_by_what_became_of_it(operator, text):
    whole = wrote(text.organization, sender="ACME Bank", from_is_e164=False, answer_id="msg_x")
    other = wrote(make_organization("Blue Bank"), sender="38601")
    assert found(operator, f"q={text.pk}") == {text.pk}
    assert found(operator, "q=%2B49+1512345667") == {text.pk}
    assert found(operator, "q=ACME+Bank") == {whole.pk}
    assert found(operator, "q=38601") == {other.pk}
    assert found(operator, "complete__exact=0") == {text.pk}
    assert found(operator, "answer=failed") == {text.pk}
    assert found(operator, "answer=sent") == {whole.pk}
    assert found(operator, f"organization__id__exact={text.organization_id}") == {
        text.pk, whole.pk,
    }  # fmt: skip
    assert "Texts from +491512345667" in operator.get(f"{LIST}?q=491512345667").text


@pytest.mark.parametrize("term", ["%2B491512345667", "ACME", "38080"])
def test_read_only_finds_nobody_by_where_it_came_from(sign_in, text, term):
    client = sign_in("Read only")
    assert found(client, f"created=any&q={term}") == set()
    assert found(client, f"q={text.pk}") == {text.pk}


@pytest.mark.parametrize("query", ["body__contains=code", "sender__startswith=%2B"])
def test_the_list_is_no_way_to_guess_what_it_does_not_show(operator, query):
    assert operator.get(f"{LIST}?{query}").status_code == 400


def test_it_can_not_be_added_changed_or_deleted(administrator, text):
    assert administrator.get(f"{LIST}add/").status_code == 403
    path = f"{LIST}{quote(text.pk)}/delete/"
    assert administrator.post(path, {"post": "yes"}).status_code == 403
    assert InboundMessage.objects.filter(pk=text.pk).exists()
