"""Carriers that deliver too little, or send no receipts any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.credentials.models import CredentialStatus
from messaging.notices.delivery_conditions import delivery
from messaging.quality.models import CarrierStanding
from messaging.usage.folding import fold
from tests.messaging.messages.dispatch.conftest import _new_counters, make_carrier
from tests.messaging.quality.conftest import LONG_AGO, count

__all__ = ["_new_counters"]


@pytest.fixture
def carrier(organization):
    """It delivers 95 %; nobody has chosen a `quality_mode`."""
    carrier = make_carrier(organization, "north")
    count(carrier, "delivered", 950, ago=LONG_AGO)
    count(carrier, "undelivered", 50, ago=LONG_AGO, code="UNDELIV 069")
    return carrier


def found():
    fold()
    return list(delivery(timezone.now()))


def test_a_carrier_that_stands_back_in_two_countries_is_one_incident(organization) -> None:
    carrier = make_carrier(organization, "north")
    for country in ("FR", "US"):
        CarrierStanding.objects.create(
            carrier=carrier,
            country=country,
            level="critical",
            since=timezone.now(),
            pause=300,
            evidence={"rate": 40.3},
        )

    (one,) = found()

    assert one.what == "north delivers too little"
    assert "FR 40.3 %" in one.why and "US 40.3 %" in one.why
    assert one.organization_ids == {organization.pk}


def test_a_fall_is_told_without_a_quality_mode_and_names_what_is_usual(carrier) -> None:
    count(carrier, "delivered", 40)
    count(carrier, "undelivered", 60, code="UNDELIV 069")

    (one,) = found()

    assert one.what == "north delivers too little"
    assert one.why == "of its messages arrive: FR 40.0 %, usually 90.0 %"


def test_receipts_that_stop_are_named(carrier) -> None:
    count(carrier, "waiting", 120)

    (one,) = found()

    assert one.what == "north sends no receipts any more"
    assert one.why == "FR: none for 120 messages that it took"


def test_receipts_that_stop_are_one_incident_with_the_standing_that_they_cause(carrier) -> None:
    CarrierStanding.objects.create(
        carrier=carrier,
        country="FR",
        level="critical",
        since=timezone.now(),
        pause=300,
        evidence={"rate": 0.0},
    )
    count(carrier, "waiting", 120)

    (one,) = found()

    assert one.key == f"delivery:{carrier.pk}"
    assert one.what == "north sends no receipts any more"


@pytest.mark.parametrize(
    ("delivered", "outcome", "messages", "code"),
    [
        (200, "undelivered", 300, "UNDELIV 001"),  # numbers that do not exist
        (200, "refused", 300, "ESME_RTHROTTLED"),  # it is busy
        (10, "undelivered", 60, "UNDELIV 069"),  # too few to say so
    ],
)
def test_what_is_no_fault_of_the_carrier_is_no_fall(
    carrier, delivered, outcome, messages, code
) -> None:
    count(carrier, "delivered", delivered)
    count(carrier, outcome, messages, code=code)

    assert found() == []


def test_less_than_a_quarter_less_is_no_fall(carrier) -> None:
    count(carrier, "delivered", 80)
    count(carrier, "undelivered", 20, code="UNDELIV 069")

    assert found() == []


def test_a_carrier_that_never_sends_receipts_is_left_alone(organization) -> None:
    count(make_carrier(organization, "mute"), "waiting", 500)

    assert found() == []


@pytest.mark.parametrize(
    "fields", [{"bind_state": "unbound"}, {"bind_since": timezone.now() - timedelta(seconds=20)}]
)
def test_without_a_bind_or_after_a_new_one_it_has_another_cause(carrier, fields) -> None:
    if "bind_since" in fields:
        fields = {"bind_since": timezone.now() - timedelta(seconds=20)}
    CredentialStatus.objects.update(**fields)
    count(carrier, "waiting", 120)

    assert found() == []
