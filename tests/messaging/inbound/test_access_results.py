"""What becomes of texts once an organisation's own platform has answered, or has not."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.inbound.models import InboundMessage, InboundPdu
from tests.messaging.inbound.conftest import OTHER_PHONE, UDHI, access_states, due, part
from tests.messaging.messages.conftest import Api

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_a_text_is_done_once_the_platform_has_answered(text, number, organization, settle) -> None:
    number(route="access")
    text()
    [offer] = due(organization)
    assert due(organization) == [offer]

    settle(offer)

    assert due(organization) == []
    assert access_states() == ["delivered"]


@pytest.mark.parametrize("status", [0x65, 0x66])
def test_what_the_platform_never_takes_is_refused(
    text, number, organization, settle, status
) -> None:
    number(route="access")
    text()

    settle(due(organization)[0], status)

    assert access_states() == ["refused"]
    assert due(organization) == []


@pytest.mark.parametrize(
    ("status", "why"), [(0x64, ""), (0x58, ""), (0x08, ""), (None, "no_answer")]
)
def test_what_it_does_not_take_now_comes_again_later(
    text, number, organization, settle, status, why
) -> None:
    number(route="access")
    text()
    [first] = due(organization)

    settle(first, status, why)

    assert due(organization) == []
    InboundPdu.objects.update(access_due_at=timezone.now())
    [second] = due(organization)
    assert second.token != first.token
    settle(first, None, "no_answer")  # a record that is late
    assert due(organization) == [second]
    settle(second)
    assert access_states() == ["delivered"]


def test_what_met_no_bind_comes_again_at_once(text, number, organization, settle) -> None:
    number(route="access")
    text()
    [first] = due(organization)

    settle(first, None, "not_bound")

    assert len(due(organization)) == 1


def test_an_answer_to_an_earlier_offer_counts(text, number, organization, settle) -> None:
    """The answer was late, and the text was offered again meanwhile."""
    number(route="access")
    text()
    [first] = due(organization)
    settle(first, 0x64)

    settle(first, 0)

    assert access_states() == ["delivered"]


def test_records_of_no_text_change_nothing(log, text, number) -> None:
    number(route="access")
    text()

    for token in ("", "x", "a:b:c", f"{'f' * 16}:1:1", "log:99999999999:1"):
        log.write("delivery", token=token, status=0, why="")
    log.take()

    assert access_states() == ["waiting"]


def test_the_detail_says_what_became_of_it(text, number, organization, settle) -> None:
    api = Api(organization)
    made = number(route="both")
    text(part(b"a", 1, 2), esm_class=UDHI)
    text(part(b"b", 2, 2), esm_class=UDHI)
    message = InboundMessage.objects.get()
    seen = [api.get(f"/{message.pk}")]
    for offer in due(organization):
        settle(offer)
        seen.append(api.get(f"/{message.pk}"))
    made.route = "webhook"
    made.save()
    text(source=OTHER_PHONE)
    other = InboundMessage.objects.latest("pk")

    states = [each.json()["data"]["access_delivery"] for each in seen]
    assert states == ["waiting", "waiting", "delivered"]
    assert seen[0]["ETag"] != seen[-1]["ETag"]
    detail = api.get(f"/{other.pk}").json()["data"]
    assert detail["access_delivery"] is None
