"""Numbers in the console: where their texts go, and a form that changes it."""

from __future__ import annotations

import pytest
from django.contrib.admin.utils import quote

from messaging.own_numbers.models import OwnNumber
from orbit.accounts.models import AuditEvent
from tests.orbit.console.conftest import last_event
from tests.orbit.console.two_way import wrote

pytestmark = pytest.mark.django_db
LIST = "/admin/messaging/ownnumber/"
PATH = "https://hooks.example.com/T0K3N"
ANSWER = "We are here from 9 to 17."


@pytest.fixture
def number(credential) -> OwnNumber:
    return OwnNumber.objects.create(
        organization=credential.organization, credential=credential, number="38080",
        countries=["FR"], webhook_url=PATH, default_answer="Write HOURS.",
        keywords=[{"word": "HOURS", "webhook_url": f"{PATH}/hours", "answer": ANSWER}],
    )  # fmt: skip


def page_of(number: OwnNumber) -> str:
    return f"{LIST}{quote(number.pk)}/change/"


def sent(number: OwnNumber, **changed: str) -> dict[str, object]:
    usual = {"version": number.version, "route": number.route, "webhook_url": number.webhook_url,
             "default_answer": number.default_answer}  # fmt: skip
    return usual | changed


def test_read_only_sees_neither_the_path_of_a_webhook_nor_an_answer(sign_in, number):
    client = sign_in("Read only")
    for path in (LIST, page_of(number)):
        page = client.get(path).text
        assert "38080" in page
        assert "hooks.example.com/…" in page
        for hidden in ("T0K3N", ANSWER, "Write HOURS."):
            assert hidden not in page
    assert "Save" not in client.get(page_of(number)).text


def test_an_operator_changes_where_texts_go_and_it_is_audited(operator, number):
    answer = operator.post(page_of(number), sent(number, route="both", webhook_url=""))
    assert answer.status_code == 302
    row = OwnNumber.objects.get()
    assert (row.route, row.webhook_url, row.default_answer) == ("both", None, "Write HOURS.")
    assert row.keywords == number.keywords
    event = last_event()
    assert (event.action, event.target) == ("number.updated", number.pk)
    assert set(event.changes) == {"route", "webhook_url"}
    assert "T0K3N" not in str(event.detail)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"webhook_url": "http://10.0.0.1/"}, "https"),
        ({"default_answer": "x" * 2000}, "segments"),
        ({"version": "9"}, "changed"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(operator, number, changed, said):
    answer = operator.post(page_of(number), sent(number, **changed))
    assert (answer.status_code, said in answer.text) == (200, True)
    assert OwnNumber.objects.get().version == number.version


def test_read_only_changes_nothing(sign_in, number):
    client = sign_in("Read only")
    assert client.post(page_of(number), sent(number, route="both")).status_code == 403
    assert last_event().outcome == "refused"
    assert OwnNumber.objects.get().route == "webhook"
    assert AuditEvent.objects.filter(outcome="ok", action="number.updated").count() == 0


def test_it_says_when_somebody_wrote_last_and_leads_there(operator, number):
    assert "never" in operator.get(page_of(number)).text
    text = wrote(number.organization, number, ago=3)
    page = operator.get(page_of(number)).text
    assert "3 min" in page
    listed = f"/admin/messaging/inboundmessage/?number__id__exact={number.pk}&amp;created=any"
    assert listed in page
    found = operator.get(listed.replace("&amp;", "&")).context["cl"].queryset
    assert [each.pk for each in found] == [text.pk]


def test_it_is_found_by_a_part_of_it_and_its_organisation(operator, number):
    for term in ("380", number.pk, "Acme"):
        assert operator.get(f"{LIST}?q={term}").context["cl"].result_count == 1
    assert operator.get(f"{LIST}?q=999").context["cl"].result_count == 0
