"""What waits for a person is listed until somebody has seen to it."""

from __future__ import annotations

import pytest

from messaging.own_numbers.models import OwnNumber
from orbit.console.waiting import lists
from orbit.console.waiting.models import SeenTo
from orbit.console.waiting.retention import prune_seen_to
from orbit.console.waiting.services import SEEN_TO
from tests.factories import make_organization
from tests.orbit.console.conftest import last_event
from tests.orbit.console.two_way import PERSON, SECRET_TEXT, wrote

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
PAGE = "/admin/console/waiting/"
WHY = "No carrier of yours sends to this number."


@pytest.fixture
def number(credential) -> OwnNumber:
    return OwnNumber.objects.create(
        organization=credential.organization, credential=credential, number="38080",
        countries=["FR"],
    )  # fmt: skip


def unanswered(client) -> list[str]:
    return [each.pk for each in client.get(PAGE).context["unanswered"].texts]


def test_an_answer_that_could_not_be_sent_waits_until_it_is_seen_to(operator, number):
    text = wrote(number.organization, number, answer_error=WHY)
    wrote(number.organization, number, answer_id="msg_1")
    page = operator.get(PAGE).text
    assert WHY in page
    assert SECRET_TEXT not in page
    assert unanswered(operator) == [text.pk]
    assert "1 waits for a person" in operator.get("/admin/").text

    operator.post(f"{PAGE}{text.pk}/seen-to/")
    assert unanswered(operator) == []
    event = last_event()
    assert (event.action, event.target, event.outcome) == (SEEN_TO, text.pk, "ok")
    assert SeenTo.objects.get().by == operator.person
    assert "for a person</a>" not in operator.get("/admin/").text
    assert "already" in operator.post(f"{PAGE}{text.pk}/seen-to/", follow=True).text


def test_read_only_looks_and_sees_to_nothing(sign_in, number):
    client = sign_in("Read only")
    text = wrote(number.organization, number, answer_error=f"{WHY} {PERSON}")
    page = client.get(PAGE).text
    assert "+4915…67" in page
    assert PERSON[1:] not in page
    assert "Seen to" not in page
    assert client.post(f"{PAGE}{text.pk}/seen-to/").status_code == 403
    assert last_event().outcome == "refused"
    assert not SeenTo.objects.exists()


def test_numbers_that_nobody_registered_are_counted_and_lead_to_their_texts(operator, number):
    organization, blue = number.organization, make_organization("Blue Bank")
    wrote(organization, number)
    for minutes in (9, 4):
        wrote(organization, ago=minutes, receiver="39999")
    wrote(blue, ago=6, receiver="39999")
    found = operator.get(PAGE).context["unregistered"]
    assert [(each.organization, each.receiver, each.count) for each in found] == [
        ("Acme Travel", "39999", 2), ("Blue Bank", "39999", 1),
    ]  # fmt: skip


def test_a_page_has_so_many_and_only_the_newest_are_looked_at(number, monkeypatch):
    monkeypatch.setattr(lists, "ROWS", 2)
    rows = [
        wrote(number.organization, number, ago=place, answer_error=WHY).pk for place in range(1, 6)
    ]
    first = lists.page(lists.UNANSWERED)
    second = lists.page(lists.UNANSWERED, before=first.older)
    assert [each.pk for each in (*first.texts, *second.texts)] == rows[:4]
    monkeypatch.setattr(lists, "LOOKED_AT", 3)
    assert lists.count() == 3
    assert not lists.page(lists.UNANSWERED, before=rows[2]).texts


def test_what_was_seen_to_goes_with_its_text(operator, number):
    kept, gone = (
        wrote(number.organization, number, ago=minutes, answer_error=WHY) for minutes in (1, 2)
    )
    for text in (kept, gone):
        operator.post(f"{PAGE}{text.pk}/seen-to/")
    gone.delete()
    assert prune_seen_to() == 1
    assert SeenTo.objects.get().pk == kept.pk
