"""Which organisations have messages that wait."""

from __future__ import annotations

import pytest

from messaging.messages.dispatch import backlog
from messaging.messages.models import UNSENT
from tests.factories import make_organization
from tests.messaging.messages.conftest import make_message

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_each_organisation_is_found_with_its_oldest_message():
    first, second, third = (make_organization() for _ in range(3))
    oldest = make_message(first, status="sending")
    for organization in (first, second, second):
        make_message(organization)
    make_message(third, status="delivered")
    found = backlog.oldest(UNSENT, most=10)
    assert set(found) == {first.pk, second.pk}
    assert found[first.pk] == oldest.pk
    assert backlog.oldest(["failed"], most=10) == {}


def test_no_more_organisations_than_asked_for():
    organizations = sorted((make_organization() for _ in range(4)), key=lambda each: each.pk)
    for organization in organizations:
        make_message(organization)
    assert list(backlog.oldest(UNSENT, most=2)) == [each.pk for each in organizations[:2]]
