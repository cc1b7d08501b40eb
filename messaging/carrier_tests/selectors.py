"""Reading tests of one carrier; ends the overdue ones first."""

from __future__ import annotations

import re

from django.db.models import QuerySet

from messaging.carrier_tests import recovery
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from orbit.api.errors import not_found

_ID = re.compile(r"ctst_[0-9a-f]{32}")


def of_carrier(carrier: Carrier) -> QuerySet[CarrierTest]:
    tests = CarrierTest.objects.filter(carrier=carrier)
    recovery.end_overdue(tests)
    return tests


def find(*, carrier: Carrier, test_id: str) -> CarrierTest:
    """Raises NOT_FOUND."""
    # PostgreSQL fails on a NUL in a text: only look up what has the form of an id.
    test = of_carrier(carrier).filter(pk=test_id).first() if _ID.fullmatch(test_id) else None
    if test is None:
        raise not_found()
    return test
