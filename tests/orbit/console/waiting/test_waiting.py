"""What waits for a person is listed until somebody has seen to it."""

from __future__ import annotations

import pytest

from messaging.opt_out_texts.models import NearMiss
from messaging.opt_outs.models import OptOut
from messaging.own_numbers.models import OwnNumber
from orbit.console.waiting import lists
from orbit.console.waiting.models import SeenTo
from orbit.console.waiting.retention import prune_seen_to
from orbit.console.waiting.services import SEEN_TO
from tests.factories import make_organization
from tests.orbit.console.conftest import last_event
from tests.orbit.console.two_way import PERSON, SECRET_TEXT, wrote

pytestmark = pytest.mark.django_db
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


class TestNearMisses:
    @pytest.fixture
    def miss(self, number) -> NearMiss:
        text = wrote(number.organization, number, body="please don't stop, 7391-kiwi")
        return NearMiss.objects.create(
            message_id=text.pk, organization=number.organization, word="STOP"
        )

    def near(self, client) -> list[str]:
        return [row.pk for row, _ in client.get(PAGE).context["near"].rows]

    @pytest.mark.parametrize("decision", ["opt_out", "dismiss"])
    def test_a_person_decides_on_it_once(self, operator, miss, decision):
        assert self.near(operator) == [miss.pk]
        assert "1 waits for a person" in operator.get("/admin/").text
        operator.post(f"{PAGE}near-misses/{miss.pk}/{decision}/")
        assert self.near(operator) == []
        found = list(OptOut.objects.values_list("number", "source", "message_id"))
        wanted = [(PERSON, "console", miss.pk)] if decision == "opt_out" else []
        assert found == wanted
        miss.refresh_from_db()
        assert (miss.decision, miss.decided_by) == (decision, operator.person.email)
        assert last_event().action == "near_miss.decided"
        again = operator.post(f"{PAGE}near-misses/{miss.pk}/opt_out/", follow=True)
        assert "has decided" in again.text
        assert OptOut.objects.count() == len(wanted)

    def test_its_text_is_read_in_place_and_audited(self, administrator, miss):
        assert "7391-kiwi" not in administrator.get(PAGE).text
        answer = administrator.post(f"/admin/console/texts/{miss.pk}/row/")
        assert "please don&#x27;t stop, 7391-kiwi" in answer.text
        assert (last_event().action, last_event().target) == ("message.text_read", miss.pk)

    def test_read_only_decides_nothing_and_operators_read_nothing(self, sign_in, miss):
        reader = sign_in("Read only")
        assert reader.post(f"{PAGE}near-misses/{miss.pk}/opt_out/").status_code == 403
        page = reader.get(PAGE).text
        assert "Dismiss" not in page
        assert PERSON[1:] not in page
        answer = sign_in("Operator").post(f"/admin/console/texts/{miss.pk}/row/")
        assert (answer.status_code, "7391-kiwi" in answer.text) == (403, False)
        assert not OptOut.objects.exists()

    def test_pages_follow_each_other_and_unknown_ones_are_404(self, operator, miss, monkeypatch):
        monkeypatch.setattr(lists, "ROWS", 1)
        older = wrote(miss.organization, ago=9)
        NearMiss.objects.create(message_id=older.pk, organization=miss.organization, word="STOP")
        first = lists.near_misses()
        second = lists.near_misses(before=first.older)
        assert [row.pk for row, _ in (*first.rows, *second.rows)] == [miss.pk, older.pk]
        assert second.older == ""
        for path in (f"{miss.pk}/anything", "msg_0/dismiss", "%00/dismiss"):
            assert operator.post(f"{PAGE}near-misses/{path}/").status_code == 404


def test_a_page_has_so_many_and_only_the_newest_are_looked_at(number, monkeypatch):
    monkeypatch.setattr(lists, "ROWS", 2)
    rows = [
        wrote(number.organization, number, ago=place, answer_error=WHY).pk for place in range(1, 6)
    ]
    first = lists.unanswered()
    second = lists.unanswered(before=first.older)
    assert [each.pk for each in (*first.texts, *second.texts)] == rows[:4]
    monkeypatch.setattr(lists, "LOOKED_AT", 3)
    assert lists.count() == 3
    assert not lists.unanswered(before=rows[2]).texts


def test_what_was_seen_to_goes_with_its_text(operator, number):
    kept, gone = (
        wrote(number.organization, number, ago=minutes, answer_error=WHY) for minutes in (1, 2)
    )
    for text in (kept, gone):
        operator.post(f"{PAGE}{text.pk}/seen-to/")
    gone.delete()
    assert prune_seen_to() == 1
    assert SeenTo.objects.get().pk == kept.pk
