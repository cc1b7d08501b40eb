from __future__ import annotations

from collections import Counter

import pytest

from messaging.access.models import Access
from tests.factories import make_organization
from tests.messaging.access.conftest import Api, audit_rows, stored
from tests.messaging.at_once import at_once, statuses

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def organization(transactional_db):
    """Real commits: the other threads have to see them."""
    return make_organization()


def test_of_many_first_looks_one_makes_it(api: Api):
    answers = at_once(8, lambda number: api.get())
    assert statuses(answers) == {200: 8}
    assert len({answer["ETag"] for answer in answers}) == 1
    assert Access.objects.count() == 1


def test_first_writes_at_once_all_count(api: Api):
    fields = [{"enabled": True}, {"max_bindings": 7}, {"throughput": 9}]
    answers = at_once(3, lambda number: api.change(**fields[number]))
    assert statuses(answers) == {200: 3}
    row = stored(api.organization)
    assert (row.enabled, row.max_bindings, row.throughput, row.version) == (True, 7, 9, 4)


def test_of_many_reveals_exactly_one_gets_it(api: Api):
    answers = at_once(12, lambda number: api.reveal())
    assert statuses(answers) == {200: 1, 410: 11}
    rows = audit_rows("access.revealed")
    assert Counter(row.outcome for row in rows) == {"ok": 1, "refused": 11}


def test_rotations_at_once_leave_one_password(api: Api):
    answers = at_once(4, lambda number: api.rotate())
    assert statuses(answers) == {200: 4}
    assert stored(api.organization).version == 5
    assert len(audit_rows("access.rotated")) == 4
