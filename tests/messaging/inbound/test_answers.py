"""Automatic answers, and who gets none."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.inbound import arrival
from messaging.inbound.models import InboundMessage
from messaging.messages.models import Message
from messaging.webhooks.models import Delivery, Event
from tests.messaging.carriers.conftest import make_credential
from tests.messaging.inbound.conftest import OTHER_PHONE, PHONE, SHORT_CODE, UDHI, part, told, urls

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.usefixtures("still")]

HOURS = {"word": "Hours", "answer": "From 9 to 17."}
ORDER = {"word": "ORDER", "webhook_url": "https://example.com/orders"}


@pytest.fixture
def write(log):
    """A person writes; what became of the text."""

    def deliver(text: str = "hours", source: str = PHONE, **fields) -> InboundMessage:
        fields = {"source": source, "destination": SHORT_CODE, "source_addr_ton": 1} | fields
        log.deliver(text.encode(), **fields)
        log.take()
        return InboundMessage.objects.latest("pk")

    return deliver


def answers() -> list[tuple[str, str, str]]:
    return list(Message.objects.order_by("pk").values_list("to", "wanted_sender", "body"))


def test_a_keyword_is_answered_from_the_number_by_its_credential(write, number, carrier):
    number(keywords=[HOURS, ORDER])

    message = write("HOURS, please")

    assert answers() == [(f"+{PHONE}", SHORT_CODE, "From 9 to 17.")]
    sent = Message.objects.get()
    assert (message.keyword, message.answer_id) == ("Hours", sent.pk)
    assert sent.wanted_carrier_id == carrier.pk
    assert sent.metadata == {"answer_to": message.pk}
    assert told() == []  # nobody asked for events


@pytest.mark.parametrize(
    ("body", "keyword"),
    [
        ("hours", "Hours"),
        ("Ｈｏｕｒｓ", "Hours"),
        ("  hours\n", "Hours"),
        ("“Hours!” please", "Hours"),
        ("hoursx", ""),
        ("the hours", ""),
        ("", ""),
        ("!", ""),
    ],
)
def test_the_first_word_alone_says_it(log, number, body, keyword):
    number(keywords=[HOURS])
    log.deliver(body.encode("utf-16-be"), data_coding=8, source=PHONE, destination=SHORT_CODE)
    log.take()

    assert InboundMessage.objects.get().keyword == keyword


def test_texts_without_a_keyword_get_the_default_answer(write, number):
    number(keywords=[HOURS, ORDER], default_answer="Write HOURS.")

    write("hello")
    write("order 4711", source=OTHER_PHONE)

    assert [body for *_, body in answers()] == ["Write HOURS."]


class TestLoops:
    def test_nobody_gets_the_same_answer_twice_in_a_day(self, write, number):
        number(keywords=[HOURS], default_answer="Write HOURS.")

        for text in ("hours", "hours", "hello", "hours", "hello"):
            write(text)
        write("hours", source=OTHER_PHONE)
        assert len(answers()) == 3

        with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
            write("hours")
        assert len(answers()) == 4

    def test_texts_of_one_page_count_each_other(self, log, number):
        number(keywords=[HOURS])
        for _ in range(5):
            log.deliver(b"hours", source=PHONE, destination=SHORT_CODE)
        log.take()

        assert len(answers()) == 1

    def test_the_limit_is_a_setting(self, write, number, settings):
        settings.INBOUND_ANSWER_LIMIT = "3/60"
        number(keywords=[HOURS])

        for _ in range(5):
            write()

        assert len(answers()) == 3

    @pytest.mark.parametrize(
        "source", ["ACME", "36000", "33700000001"], ids=["name", "short code", "own number"]
    )
    def test_machines_get_none(self, write, number, source):
        number("+33700000001")
        number(default_answer="Thanks")

        write("hello", source=source)

        assert answers() == []

    def test_a_text_that_says_what_we_answer_gets_none(self, write, number):
        number(keywords=[HOURS], default_answer="Thanks")

        write("From 9 to 17.")
        write("Thanks ")

        assert answers() == []

    def test_what_comes_at_once_after_an_answer_is_a_machines(self, write, number):
        number(keywords=[HOURS], default_answer="Write HOURS.")
        write("hours")
        Message.objects.update(sender=SHORT_CODE, status="delivered", finished_at=timezone.now())

        write("I am away")
        assert len(answers()) == 1

        with time_machine.travel(timezone.now() + timedelta(seconds=60), tick=False):
            write("I am here")
        assert len(answers()) == 2

    def test_a_text_without_all_its_parts_gets_none(self, write, number, monkeypatch):
        monkeypatch.setattr("messaging.inbound.parts.MOST_OPEN", -1)
        number(keywords=[HOURS])

        message = write(part(b"hours please", 1, 2).decode("latin-1"), esm_class=UDHI)
        assert (message.keyword, message.complete, answers()) == ("Hours", False, [])

        for octets, number_of_part in ((b"hours", 1), (b"hours please", 2)):
            cut = part(octets, number_of_part, 2).decode("latin-1")
            assert write(cut, esm_class=UDHI).keyword == ""


def test_why_an_answer_could_not_be_sent_is_said(write, number, carrier):
    number(keywords=[HOURS])
    Carrier.objects.update(countries=["US"])

    message = write()

    assert (message.answer_id, answers()) == ("", [])
    assert "No carrier of yours" in message.answer_error


def test_another_noun_may_keep_texts_from_being_answered(write, number, monkeypatch):
    read = []

    def reader(arrivals):
        read.extend(each.message.body for each in arrivals)
        return {each.message.pk for each in arrivals if "stop" in each.message.body}

    monkeypatch.setattr(arrival, "_readers", [reader])
    number(default_answer="Thanks")

    write("stop")
    write("hello", source=OTHER_PHONE)

    assert read == ["stop", "hello"]
    assert [to for to, *_ in answers()] == [f"+{OTHER_PHONE}"]


class TestWhereEventsGo:
    def test_a_text_to_no_number_goes_to_the_organisations_webhooks(self, write, webhook):
        message = write("hello")

        (data,) = told()
        assert (data["id"], data["number_id"], data["keyword"]) == (message.pk, None, None)
        assert urls() == [webhook.url]

    def test_the_keywords_address_then_the_numbers_then_the_webhooks(self, write, number, webhook):
        number(keywords=[HOURS, ORDER], webhook_url="https://example.com/number")
        write("order 1")
        assert urls() == ["https://example.com/orders"]
        write("hours")
        assert urls() == ["https://example.com/number", "https://example.com/orders"]

        number("+33700000001", keywords=[ORDER | {"webhook_url": None}])
        write("order 1", destination="33700000001", dest_addr_ton=1)
        write("hello", destination="33700000001", dest_addr_ton=1)
        received = Delivery.objects.filter(event__type="message.received")
        assert sorted(received.values_list("url", flat=True))[-2:] == [webhook.url] * 2
        assert Event.objects.filter(type="message.received").count() == 4

    @pytest.mark.parametrize(("route", "events"), [("webhook", 1), ("both", 1), ("access", 0)])
    def test_the_route_says_whether_there_is_an_event(self, write, number, webhook, route, events):
        number(route=route)

        write("hello")

        assert len(told()) == events

    def test_the_event_has_the_text_and_no_octets(self, write, number, webhook):
        row = number()
        message = write("héllo", data_coding=3)

        (data,) = told()
        assert data["message_id"] == data["id"] == message.pk
        assert (data["direction"], data["status"]) == ("inbound", "received")
        assert (data["from"], data["from_is_e164"], data["to"]) == (f"+{PHONE}", True, SHORT_CODE)
        assert (data["number_id"], data["credential_id"]) == (row.pk, row.credential_id)
        assert "raw" not in data


def test_another_accounts_number_is_not_this_one(write, number, organization, log):
    number(credential_id=make_credential(organization).pk, default_answer="Thanks")

    assert write().number_id is None
    assert answers() == []
