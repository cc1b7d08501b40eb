"""Two owners who remove each other at the same moment."""

from __future__ import annotations

import pytest
from django.test import Client

from orbit.accounts.models import Member
from tests.factories import make_member, make_organization, make_session
from tests.messaging.at_once import at_once, statuses

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
ROUNDS = 5


def test_one_of_them_stays_and_neither_waits_for_the_other_for_ever():
    for _ in range(ROUNDS):
        organization = make_organization()
        owners = [make_member(organization) for _ in range(2)]
        tokens = [make_session(owner).access for owner in owners]

        def remove_the_other(number: int, owners=owners, tokens=tokens):
            client = Client(headers={"Authorization": f"Bearer {tokens[number]}"})
            return client.delete(f"/v1/settings/members/{owners[1 - number].user_id}")

        found = statuses(at_once(2, remove_the_other))

        assert found[204] == 1
        # 401: the session has ended with the membership; 409: the last owner stays.
        assert set(found) <= {204, 401, 403, 404, 409}
        assert Member.objects.filter(organization=organization, role="owner").count() == 1
