"""Conversations: both directions in order, read by those who may, in pages, whoever wrote most."""

from __future__ import annotations

import re

import pytest

from messaging.inbound.models import InboundMessage
from messaging.messages.models import Message
from messaging.opt_outs.models import OptOut
from orbit.accounts.models import Organization
from orbit.console.conversations import latest, thread
from orbit.console.conversations.views import TEXTS_READ
from tests.factories import make_organization, make_user
from tests.orbit.console.conftest import last_event
from tests.orbit.console.two_way import OUR_TEXT, PERSON, SECRET_TEXT, was_sent, wrote

pytestmark = pytest.mark.django_db
LIST = "/admin/console/conversations/"


@pytest.fixture
def acme() -> Organization:
    return make_organization("Acme Travel")


def page_of(message, query: str = "") -> str:
    return f"{LIST}{message.pk}/{query}"


def shown_ids(page: str) -> list[str]:
    """Ids of messages in the order of the page."""
    found = re.findall(r"/messaging/(?:inbound)?message/(msg_5F[0-9a-f]+)/change/", page)
    return [each.replace("_5F", "_") for each in found]


def said(client, address: str) -> list[thread.Said]:
    return list(client.get(address).context["page"].said)


def test_both_directions_stand_in_the_order_of_time(operator, acme):
    first, second, third = was_sent(acme, ago=9), wrote(acme, ago=5), was_sent(acme, ago=2)
    was_sent(acme, ago=3, to="+491512345668")
    was_sent(make_organization("Blue Bank"), ago=3)
    for any_of_it in (first, second, third):
        page = operator.get(page_of(any_of_it)).text
        assert shown_ids(page) == [first.pk, second.pk, third.pk]


def test_nobody_reads_a_text_unasked_and_an_admin_reads_a_page_of_them_audited(administrator, acme):
    ours, theirs = was_sent(acme, ago=9), wrote(acme, ago=5)
    page = administrator.get(page_of(theirs)).text
    assert SECRET_TEXT not in page
    assert OUR_TEXT not in page
    answer = administrator.post(page_of(theirs, "texts/"))
    assert SECRET_TEXT in answer.text
    assert OUR_TEXT in answer.text
    event = last_event()
    assert (event.action, event.target, event.outcome) == (TEXTS_READ, theirs.pk, "ok")
    assert event.detail == f"2 texts, {ours.pk} to {theirs.pk}"
    assert event.organization_id == acme.pk


@pytest.mark.parametrize("role", ["Read only", "Operator"])
def test_others_may_not_and_have_no_button(sign_in, acme, role):
    theirs = wrote(acme)
    client = sign_in(role)
    answer = client.post(page_of(theirs, "texts/"))
    assert (answer.status_code, SECRET_TEXT in answer.text) == (403, False)
    assert (last_event().action, last_event().outcome) == (TEXTS_READ, "refused")
    assert "Show the texts" not in client.get(page_of(theirs)).text


def test_a_page_has_so_many_and_leads_to_the_earlier_ones(operator, acme, monkeypatch):
    monkeypatch.setattr(thread, "ROWS", 4)
    rows = [(wrote if place % 2 else was_sent)(acme, ago=20 - place).pk for place in range(10)]
    found, before = [], ""
    for _ in range(3):
        context = operator.get(f"{LIST}{rows[0]}/?before={before}").context["page"]
        found = [each.id for each in context.said] + found
        before = context.older
    assert (found, before) == (rows, "")


def test_a_conversation_takes_few_queries_however_long_it_is(
    operator, acme, django_assert_max_num_queries
):
    anchor = wrote(acme, ago=60)
    for place in range(12):
        was_sent(acme, ago=59 - place)
        wrote(acme, ago=30 - place)
    with django_assert_max_num_queries(11):
        operator.get(page_of(anchor))
    with django_assert_max_num_queries(8):
        operator.get(LIST)


def test_the_list_has_each_conversation_once_the_last_to_write_first(operator, acme):
    blue = make_organization("Blue Bank")
    wrote(acme, ago=9)
    other = wrote(acme, ago=7, sender="+491512345999")
    last = wrote(acme, ago=3)
    same_person = wrote(blue, ago=2)
    page = operator.get(LIST)
    assert [each.pk for each in page.context["page"].texts] == [
        same_person.pk, last.pk, other.pk,
    ]  # fmt: skip
    narrowed = operator.get(f"{LIST}?organization={acme.pk}").context["page"].texts
    assert [each.pk for each in narrowed] == [last.pk, other.pk]
    searched = operator.get(f"{LIST}?q=%2B49+151+2345667").context["page"].texts
    assert [each.pk for each in searched] == [same_person.pk, last.pk]


def test_a_phone_that_writes_all_the_time_hides_nobody_and_costs_no_more(acme, monkeypatch):
    monkeypatch.setattr(latest, "LOOKED_AT", 5)
    quiet = wrote(acme, ago=50, sender="+491512345999")
    loud = [wrote(acme, ago=20 - place) for place in range(8)][-1]
    first = latest.read()
    assert [each.pk for each in first.texts] == [loud.pk]
    second = latest.read(before=first.older)
    assert [each.pk for each in second.texts] == [quiet.pk]
    assert second.older == ""


def test_pages_of_the_list_follow_each_other(acme, monkeypatch):
    monkeypatch.setattr(latest, "ROWS", 3)
    rows = [wrote(acme, ago=place, sender=f"+4915123450{place:02}").pk for place in range(1, 8)]
    found, before = [], ""
    for _ in range(3):
        page = latest.read(before=before)
        found += [each.pk for each in page.texts]
        before = page.older
    assert (found, before) == (rows, "")


def test_numbers_that_are_encrypted_are_one_conversation(operator, acme, settings):
    settings.ENCRYPT_MESSAGES, settings.NUMBER_DIGEST_KEYS = True, ["d" * 40]
    wrote(acme, ago=9)
    last = wrote(acme, ago=5)
    ours = was_sent(acme, ago=2)
    assert PERSON not in str(InboundMessage.objects.extra(select={"s": "sender"}).values_list("s"))
    assert [each.pk for each in latest.read().texts] == [last.pk]
    assert said(operator, page_of(last))[-1].id == ours.pk
    assert [each.pk for each in latest.read(senders=[PERSON]).texts] == [last.pk]


def test_it_says_who_has_opted_out(operator, acme):
    theirs = wrote(acme)
    for organization, said in ((make_organization("Blue Bank"), False), (acme, True)):
        OptOut.objects.create(
            organization=organization, number=PERSON, scope="organization", source="api"
        )
        assert ("Has opted out" in operator.get(page_of(theirs)).text) == said


def test_read_only_sees_no_whole_number_and_finds_none(sign_in, acme):
    client = sign_in("Read only")
    theirs = wrote(acme)
    for address in (LIST, page_of(theirs)):
        page = client.get(address).text
        assert PERSON[1:] not in page
        assert "+4915…67" in page
    found = client.get(f"{LIST}?q=%2B491512345667")
    assert not found.context["page"].texts
    assert "Your role sees numbers in part" in found.text


def test_only_the_newest_page_without_texts_refreshes_itself(administrator, acme):
    theirs = wrote(acme)
    refreshing = f'hx-get="{page_of(theirs)}"'
    fragment = administrator.get(page_of(theirs), headers={"HX-Request": "true"}).text
    assert refreshing in fragment
    assert "<html" not in fragment
    assert refreshing not in administrator.post(page_of(theirs, "texts/")).text
    later = was_sent(acme, ago=0)
    assert refreshing not in administrator.get(page_of(theirs, f"?before={later.pk}")).text


def test_a_message_leads_to_its_conversation(operator, acme):
    message = was_sent(acme)
    path = f"/admin/messaging/message/{message.pk.replace('_', '_5F')}/change/"
    assert f'href="{page_of(message)}"' in operator.get(path).text
    Message.objects.all().delete()
    assert operator.get(page_of(message)).status_code == 404


@pytest.mark.parametrize("key", ["nobody", "%00", "msg_%00", "msg_" + "0" * 32])
def test_an_unknown_one_is_answered_with_404(operator, key):
    assert operator.get(f"{LIST}{key}/").status_code == 404
    assert operator.get(f"{LIST}?before={key}&organization={key}").status_code == 200


def test_who_may_not_look_at_texts_does_not_get_there(client, acme):
    client.force_login(make_user(is_staff=True))
    theirs = wrote(acme)
    for answer in (client.get(LIST), client.get(page_of(theirs))):
        assert answer.status_code == 403
