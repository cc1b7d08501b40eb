"""Standings are decided, written into carriers' rows, and told of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.carriers.demotions import read
from messaging.carriers.models import Carrier
from messaging.carriers.selectors import candidates
from messaging.messages.dispatch import run
from messaging.quality import standings
from messaging.quality.decisions import Level, Standing
from messaging.quality.evaluation import evaluate
from messaging.quality.models import CarrierStanding, QualityMove
from messaging.usage.folding import fold
from messaging.usage.tasks import sweep
from messaging.webhooks.models import Event, Webhook
from tests.messaging.messages.dispatch.conftest import make_message
from tests.messaging.messages.dispatch.conftest import read as stored
from tests.messaging.quality.conftest import LONG_AGO, count

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def demotions(carrier: Carrier) -> str:
    return Carrier.objects.get(pk=carrier.pk).demotions


def test_one_that_falls_stands_back(carrier, second, falls):
    falls()
    evaluate()

    assert demotions(carrier) == "FR critical"
    move = QualityMove.objects.get()
    assert (move.before, move.after, move.mode) == ("healthy", "critical", "enforce")
    assert (move.evidence["sample"], move.evidence["rate"]) == (1000, 40.0)


def test_messages_go_to_the_next_one(organization, carrier, second, falls, fake):
    falls()
    evaluate()

    message = make_message(organization, pk=f"msg_{'0' * 31}1")
    run.dispatch(organization.pk)

    assert stored(message).carrier_id == second.pk


def test_while_it_is_probed_one_message_of_twenty_tries_it(organization, carrier, second, fake):
    Carrier.objects.filter(pk=carrier.pk).update(demotions="FR critical probing")
    probe = make_message(organization, pk=f"msg_{'0' * 32}")
    usual = make_message(organization, to="+33639980002", pk=f"msg_{'0' * 31}1")
    run.dispatch(organization.pk)

    assert stored(probe).carrier_id == carrier.pk
    assert stored(usual).carrier_id == second.pk


def test_the_gateway_is_pushed_when_a_place_changes_and_not_for_probes(
    carrier, second, falls, pushes
):
    falls()
    with pushes() as pushed, _reported_until_now():
        evaluate()
    assert pushed == [carrier.organization_id]

    with pushes() as pushed, _reported_until_now():
        evaluate(timezone.now() + timedelta(minutes=6))
    assert demotions(carrier) == "FR critical probing"
    assert pushed == []


@pytest.mark.parametrize("mode", ["advise", "off"])
def test_only_enforce_moves_it(carrier, second, falls, pushes, mode):
    Carrier.objects.update(quality_mode=mode)
    falls()
    with pushes() as pushed, _reported_until_now():
        evaluate()

    assert pushed == []
    assert demotions(carrier) == {"advise": "FR critical", "off": ""}[mode]
    (found,) = candidates(Carrier.objects.filter(pk=carrier.pk))
    assert found.demotions == ()
    assert found.advised == (read("FR critical") if mode == "advise" else ())


def test_it_is_told_of_and_told_again_when_it_is_back(carrier, second, falls):
    Webhook.objects.create(
        organization_id=carrier.organization_id,
        url="https://example.com/hook",
        events=["carrier.degraded", "carrier.restored"],
        secret_set_at=timezone.now(),
    )
    falls()
    evaluate()
    evaluate()
    CarrierStanding.objects.update(probing_since=timezone.now() - timedelta(minutes=4))
    count(carrier, "delivered", 40, ago=3)
    fold()
    evaluate()

    kinds = list(Event.objects.order_by("pk").values_list("type", flat=True))
    assert kinds == ["carrier.degraded", "carrier.restored"]
    assert '"delivery_rate":40.0' in Event.objects.order_by("pk")[0].body
    assert demotions(carrier) == ""


def test_countries_stand_for_themselves(carrier, falls):
    falls()
    count(carrier, "delivered", 1000, country="US")
    fold()
    evaluate()

    assert demotions(carrier) == "FR critical"


def test_kinds_of_senders_decide_together(carrier):
    count(carrier, "delivered", 1, ago=LONG_AGO)
    for kind in ("long_code", "alphanumeric"):
        count(carrier, "delivered", 8, sender_type=kind)
        count(carrier, "undelivered", 12, sender_type=kind, code="UNDELIV 069")
    fold()
    evaluate()

    assert demotions(carrier) == "FR critical"


def test_one_that_sends_no_receipts_is_not_punished(carrier):
    count(carrier, "waiting", 1000)
    count(carrier, "no_receipt", 1000, ago=8, code="NO_RECEIPT")
    fold()
    evaluate()

    assert demotions(carrier) == ""


def test_receipts_that_stop_are_a_fall(carrier):
    count(carrier, "delivered", 1000, ago=LONG_AGO)
    count(carrier, "waiting", 1000)
    fold()
    evaluate()

    assert demotions(carrier) == "FR critical"


def test_dead_numbers_are_not_the_carriers_fault(carrier):
    count(carrier, "delivered", 1, ago=LONG_AGO)
    count(carrier, "delivered", 100)
    count(carrier, "undelivered", 900, code="UNDELIV 001")
    fold()
    evaluate()

    assert demotions(carrier) == ""


def test_slow_receipts_are_waited_for(carrier):
    """95 % come within 10 minutes: what is 5 minutes old says nothing yet."""
    count(carrier, "delivered", 1000, ago=120, bucket=18)
    count(carrier, "waiting", 1000, ago=5)
    fold()
    evaluate()
    assert demotions(carrier) == ""

    count(carrier, "waiting", 1000, ago=12)
    fold()
    evaluate()
    assert demotions(carrier) == "FR critical"


def test_the_slow_receipts_of_a_carrier_that_is_new_are_waited_for(carrier):
    """Of its first minutes only the quick half has come: that is no fall, unless the rest stays
    away for ten minutes."""
    count(carrier, "delivered", 100)
    count(carrier, "waiting", 100)
    fold()
    evaluate()
    assert demotions(carrier) == ""

    evaluate(timezone.now() + timedelta(minutes=8))
    assert demotions(carrier) == "FR critical"


def test_what_no_receiver_has_read_yet_counts_against_nobody(carrier, fake):
    count(carrier, "delivered", 1000, ago=LONG_AGO)
    count(carrier, "waiting", 1000, ago=5)
    fake.until = timezone.now() - timedelta(minutes=8)
    sweep()
    assert demotions(carrier) == ""

    fake.until = None
    sweep()
    assert demotions(carrier) == "FR critical"


def test_switched_off_it_is_forgotten(carrier, second, falls, organization):
    falls()
    evaluate()
    Carrier.objects.filter(pk=carrier.pk).update(quality_mode="off", demotions="")
    CarrierStanding.objects.all().delete()

    evaluate()

    assert (demotions(carrier), CarrierStanding.objects.count()) == ("", 0)


def test_of_two_that_decide_at_once_the_second_leaves_it(carrier, second, falls, monkeypatch):
    """It decided by a standing that is another one by now."""
    falls()
    real = evaluate.__globals__["_apply"]
    seen = []

    def apply_twice(carrier_id, decided, now):
        seen.append(carrier_id)
        real(carrier_id, decided, now)
        real(carrier_id, decided, now)

    monkeypatch.setattr("messaging.quality.evaluation._apply", apply_twice)
    evaluate()

    assert (len(seen), QualityMove.objects.count()) == (1, 1)


class _reported_until_now:
    """The port of `pushes` knows no log."""

    def __enter__(self) -> None:
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr("messaging.quality.evaluation.gateway.reported_until", timezone.now)

    def __exit__(self, *error: object) -> None:
        self._patch.undo()


def test_a_standing_like_that_of_a_new_carrier_has_no_row(carrier):
    now = timezone.now()
    place = {"carrier_id": carrier.pk, "country": "FR"}
    standings.write(**place, standing=Standing(Level.WARN), at=now, evidence=None)
    assert standings.of([carrier.pk]) == {(carrier.pk, "FR"): Standing(Level.WARN, since=now)}

    standings.write(**place, standing=Standing(), at=now, evidence=None)

    assert standings.of([carrier.pk]) == {}
