"""Two organisations to which texts of one phone come, at one number: neither sees the other's."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import zip_longest
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from messaging.inbound import access_queue, recovery
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.own_numbers.models import OwnNumber, Route
from messaging.receipts import ingest
from messaging.webhooks.models import Delivery, Webhook
from orbit.accounts.models import Organization
from tests.factories import make_organization
from tests.messaging.callers import data, refusal
from tests.messaging.inbound.conftest import PHONE, SHORT_CODE, UDHI, part
from tests.messaging.messages.conftest import Api
from tests.messaging.messages.dispatch.conftest import make_carrier
from tests.messaging.receipts.conftest import Log

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


class Side:
    """An organisation with its webhook, and with the number at a carrier of its own."""

    def __init__(self, organization: Organization, name: str) -> None:
        self.organization, self.api = organization, Api(organization)
        self.carrier = make_carrier(organization)
        self.log = Log(self.carrier.credential)
        self.log.account = f"account of {name}"
        self.url = f"https://hooks.example.com/{name}"
        Webhook.objects.create(
            organization=organization, url=self.url, events=["*"], secret_set_at=timezone.now()
        )
        self.number = OwnNumber.objects.create(
            organization=organization, number=SHORT_CODE, countries=["FR"], route=Route.BOTH,
            credential=self.carrier.credential,
        )  # fmt: skip

    def deliver(self, octets: bytes, **fields: Any) -> None:
        self.log.deliver(octets, **{"source": PHONE, "destination": SHORT_CODE} | fields)

    def seen(self) -> set[str]:
        """What it reads in the API: bodies."""
        return {each["body"] for each in data(self.api.get("?direction=inbound"))}

    def told(self) -> set[str]:
        """What its webhook gets: bodies."""
        events = Delivery.objects.filter(url=self.url).select_related("event")
        return {json.loads(each.event.body)["data"]["body"] for each in events}

    def due(self) -> set[bytes]:
        """What its platform gets: user data."""
        return {bytes.fromhex(each.octets) for each in access_queue.due(self.organization.pk)}


@pytest.fixture
def ours(organization: Organization) -> Side:
    return Side(organization, "ours")


@pytest.fixture
def theirs(db: None) -> Side:
    return Side(make_organization(), "theirs")


def take(*sides: Side, one_page: bool) -> None:
    """What the carriers delivered, in turn: the gateway has one log."""
    turns = zip_longest(*(side.log.written for side in sides))
    records = [record for turn in turns for record in turn if record]
    page = [{**record, "n": n} for n, record in enumerate(records, start=1)]
    for each in [page] if one_page else [[record] for record in page]:
        ingest.take(each, log="log-1")


@pytest.mark.parametrize("one_page", [True, False])
def test_one_phone_one_number_one_reference_at_two_carriers(ours, theirs, one_page) -> None:
    for side, name in ((ours, b"ours"), (theirs, b"theirs")):
        side.deliver(part(name + b" 2", 2, 2), esm_class=UDHI)
        side.deliver(part(name + b" 1, ", 1, 2), esm_class=UDHI)
        side.deliver(name)
        side.deliver(b"the same", session=f"of {name.decode()}")
    take(ours, theirs, one_page=one_page)

    for side, name in ((ours, "ours"), (theirs, "theirs")):
        assert side.seen() == side.told() == {f"{name} 1, {name} 2", name, "the same"}
        octets = name.encode()
        assert side.due() == {
            part(octets + b" 1, ", 1, 2),
            part(octets + b" 2", 2, 2),
            octets,
            b"the same",
        }
        texts = InboundMessage.objects.filter(organization=side.organization)
        assert set(texts.values_list("number", flat=True)) == {side.number.pk}
    (of_others,) = InboundMessage.objects.filter(body="theirs")
    refusal(ours.api.get(f"/{of_others.pk}"), 404, "NOT_FOUND")
    assert InboundPdu.objects.exclude(copies=[]).count() == 0


@pytest.mark.parametrize("one_page", [True, False])
def test_parts_that_each_has_one_of_do_not_become_a_text(ours, theirs, one_page) -> None:
    """With one account at one carrier, too, which chooses the bind."""
    theirs.log.account = ours.log.account
    ours.deliver(part(b"ours", 1, 2), esm_class=UDHI)
    theirs.deliver(part(b"theirs", 2, 2), esm_class=UDHI, session="s2")
    take(ours, theirs, one_page=one_page)
    assert InboundMessage.objects.count() == 0

    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        recovery.sweep()
        assert (ours.seen(), theirs.seen()) == ({"ours…"}, {"…theirs"})
        assert (ours.due(), theirs.due()) == ({part(b"ours", 1, 2)}, {part(b"theirs", 2, 2)})


@pytest.mark.parametrize("one_page", [True, False])
def test_a_text_that_came_on_both_binds_of_one_account_is_each_ones(ours, theirs, one_page) -> None:
    theirs.log.account = ours.log.account
    ours.deliver(b"hi")
    theirs.deliver(b"hi", session="s2")
    take(ours, theirs, one_page=one_page)

    assert ours.told() == theirs.told() == ours.seen() == theirs.seen() == {"hi"}


def test_of_an_account_that_both_had_nobody_gets_what_comes_without_a_credential(
    ours, theirs
) -> None:
    theirs.log.account = ours.log.account
    ours.deliver(b"ours")
    theirs.deliver(b"theirs", session="s2")
    ours.log.cid = "obgone"
    ours.deliver(b"whose?", session="s3")
    take(ours, theirs, one_page=False)

    assert (ours.seen(), theirs.seen()) == ({"ours"}, {"theirs"})
    assert InboundPdu.objects.filter(organization=None).count() == 1
