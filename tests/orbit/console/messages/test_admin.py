"""Messages in the console: found cheaply, shown without what is personal."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.contrib.admin.utils import quote
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.messages.models import Message
from messaging.pools.models import SenderPool
from orbit.console import roles
from orbit.console.messages.views import TEXT_READ
from tests.orbit.console.conftest import last_event
from tests.orbit.console.traffic import PATH_SECRET, TEXT, made_at

LIST = "/admin/messaging/message/"


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _traffic(build_once) -> None:
    build_once(60)


def page_of(message: Message) -> str:
    return f"{LIST}{quote(message.pk)}/change/"


def text_of(message: Message) -> str:
    return f"/admin/console/messages/{message.pk}/text/"


def found(client, query: str) -> set[str]:
    return {row.pk for row in client.get(f"{LIST}?{query}").context["cl"].queryset}


def an_old_one() -> Message:
    """Made two days ago, to a number of its own."""
    old = Message.objects.filter(status="delivered").last()
    old.pk = made_at("msg", timezone.now() - timedelta(days=2))
    old.to, old.created_at, old.campaign = "+33700000009", timezone.now() - timedelta(days=2), None
    old.save(force_insert=True)
    return old


@pytest.mark.parametrize("role", list(roles.PERMISSIONS))
def test_no_page_shows_a_text_by_itself(sign_in, role):
    client = sign_in(role)
    message = Message.objects.filter(webhook_url__contains=PATH_SECRET).last()
    for path in (LIST, page_of(message), f"/admin/console/messages/{message.pk}/", "/admin/"):
        text = client.get(path).text
        assert TEXT not in text
        assert "basket-" not in text
        assert PATH_SECRET not in text


def test_an_admin_reads_a_text_and_the_audit_says_so(administrator):
    message = Message.objects.last()
    answer = administrator.post(text_of(message))
    assert TEXT in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    event = last_event()
    assert (event.action, event.target, event.outcome) == (TEXT_READ, message.pk, "ok")
    assert event.organization_id == message.organization_id
    assert TEXT not in f"{event.detail} {event.changes}"


@pytest.mark.parametrize("role", [roles.READ_ONLY, roles.OPERATOR])
def test_others_may_not_and_have_no_button(sign_in, role):
    client, message = sign_in(role), Message.objects.last()
    answer = client.post(text_of(message))
    assert (answer.status_code, TEXT in answer.text) == (403, False)
    assert (last_event().action, last_event().outcome) == (TEXT_READ, "refused")
    assert "Show the text" not in client.get(page_of(message)).text


@pytest.mark.parametrize(
    "query", ["body__contains=code", "metadata__order=1", "to__startswith=%2B"]
)
def test_the_list_is_no_way_to_guess_what_it_does_not_show(administrator, query):
    assert administrator.get(f"{LIST}?{query}").status_code == 400


def test_a_message_can_not_be_added_changed_or_deleted(administrator):
    message = Message.objects.last()
    assert administrator.get(f"{LIST}add/").status_code == 403
    assert (
        administrator.post(f"{LIST}{quote(message.pk)}/delete/", {"post": "yes"}).status_code == 403
    )
    administrator.post(LIST, {"action": "delete_selected", "_selected_action": message.pk})
    assert Message.objects.filter(pk=message.pk).exists()


def test_the_page_says_what_was_asked_chosen_and_came_of_it(operator):
    message = Message.objects.filter(status="undelivered", wanted_carrier__isnull=False).last()
    text = operator.get(page_of(message)).text
    for said in (
        "UNDELIV",
        "could not be delivered",
        message.carrier.name,
        "0.0325 EUR",
        "sending",
    ):
        assert said in text
    assert "hx-get" not in text.partition("Timeline")[0].partition('class="oc-page"')[2]


def test_one_that_moves_refreshes_itself(operator):
    message = Message.objects.filter(status="sent").last()
    address = f'hx-get="/admin/console/messages/{message.pk}/"'
    assert address in operator.get(page_of(message)).text
    assert address in operator.get(f"/admin/console/messages/{message.pk}/").text


def test_its_webhook_deliveries_are_there_and_no_other_s(operator):
    message = Message.objects.filter(sent_at__isnull=False).first()
    deliveries = operator.get(page_of(message)).context["deliveries"]
    assert deliveries
    assert {message.pk in each.event.body for each in deliveries} == {True}


def test_rows_that_it_names_may_be_deleted(operator):
    message = Message.objects.filter(carrier__isnull=False).last()
    SenderPool.objects.all().delete()
    name, key = message.carrier.name, message.carrier_id
    Carrier.objects.filter(pk=key).delete()
    text = operator.get(page_of(message)).text
    assert key in text
    assert f">{name}</a></td>" not in text.replace(f"{name}</a></td></tr>", "")
    assert operator.get(LIST).status_code == 200


def test_it_is_found_by_its_id_its_number_its_campaign_and_its_time(operator):
    old = an_old_one()
    assert found(operator, f"q={old.pk}") == {old.pk}
    assert found(operator, "q=33700000009") == set()  # of the last day
    assert found(operator, "q=%2B33+700-000-009&created=any") == {old.pk}
    assert old.pk not in found(operator, "")
    assert old.pk in found(operator, "created=week")
    start = old.created_at.isoformat().replace("+", "%2B")
    later = (old.created_at + timedelta(minutes=1)).isoformat().replace("+", "%2B")
    assert found(operator, f"created={start}/{later}") == {old.pk}
    assert found(operator, "q=nothing+at+all") == set()
    campaign = Message.objects.exclude(campaign=None).last().campaign
    wanted = set(campaign.messages.values_list("pk", flat=True))
    assert found(operator, f"q={campaign.pk}") == wanted
    assert found(operator, f"campaign__id__exact={campaign.pk}") == wanted


def test_a_search_of_the_last_day_says_so_and_leads_to_all(operator):
    old = an_old_one()
    said = "Only those of the last 24 hours are shown"
    for query in ("", "q=33700000009", "status__exact=failed"):
        assert said in operator.get(f"{LIST}?{query}").text, query
    page = operator.get(f"{LIST}?q=33700000009").text
    assert "Messages to +33700000009." in page
    any_time = re.search(r'href="\?([^"]*)">search any time', page)[1]
    assert found(operator, html.unescape(any_time)) == {old.pk}
    for query in ("created=any", f"q={old.pk}"):
        assert said not in operator.get(f"{LIST}?{query}").text


def test_a_national_form_is_read_in_the_countries_of_the_carriers(operator):
    old = an_old_one()
    Carrier.objects.update(countries=["FR", "*"])
    assert found(operator, "q=07+00+00+00+09&created=any") == {old.pk}
    assert found(operator, "q=0033700000009&created=any") == {old.pk}
    page = operator.get(f"{LIST}?q=0700000009&created=any").text
    assert "Messages to +33700000009 of any time" in page
    Carrier.objects.update(countries=["*"])
    assert found(operator, "q=0700000009&created=any") == set()
    assert "no carrier lists one" in operator.get(f"{LIST}?q=0700000009").text


def test_the_countries_are_those_of_the_organisation_that_is_shown(operator):
    old = an_old_one()
    Carrier.objects.update(countries=["ES"])
    Carrier.objects.filter(organization=old.organization).update(countries=["FR"])
    query = f"q=0700000009&created=any&organization__id__exact={old.organization_id}"
    assert found(operator, query) == {old.pk}
    assert "can&#x27;t be a number of ES" not in operator.get(f"{LIST}?{query}").text


@pytest.mark.parametrize("term", ["hello", "%2B", "0", "msg_1", "12", "9" * 300])
def test_a_term_that_is_neither_id_nor_number_finds_nothing_and_says_why(operator, term):
    answer = operator.get(f"{LIST}?q={term}")
    assert (answer.status_code, answer.context["cl"].result_count) == (200, 0)
    assert answer.context["searched"]["fault"]


@pytest.mark.parametrize("span", ["nonsense", "a/b", "2026-01-01/2026-01-02", "/", "1/2/3"])
def test_a_time_that_is_none_finds_nothing(operator, span):
    assert found(operator, f"created={span}") == set()


def test_the_carriers_id_for_it_is_called_that(administrator):
    message = Message.objects.last()
    Message.objects.filter(pk=message.pk).update(carrier_message_id="4344856347268729")
    page = administrator.get(page_of(message)).text
    assert "<dt>Carrier's message id</dt><dd><code>4344856347268729</code></dd>" in page


def test_a_message_that_nobody_has_sent_yet_has_a_page_without_deliveries(operator):
    waiting = Message.objects.filter(sent_at=None, finished_at=None).first()
    answer = operator.get(page_of(waiting))
    assert (answer.status_code, answer.context["deliveries"]) == (200, [])
