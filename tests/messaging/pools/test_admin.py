from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import make_user
from tests.messaging.pools.conftest import A, stored

BASE = "/admin/messaging/senderpool/"


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def test_the_pages_show_a_pool(api, carriers, operator: Client):
    carrier_id = carriers.add()
    pool_id = api.add(A, carrier_ids=[carrier_id])
    for path in ("", "?q=support", "?strategy__exact=round_robin"):
        page = operator.get(BASE + path)
        assert page.status_code == 200
        assert pool_id in page.content.decode()
    page = operator.get(f"{BASE}{pool_id}/change/").content.decode()
    assert A in page
    assert carrier_id in page


def test_nothing_can_be_changed(api, operator: Client):
    pool_id = api.add(A)
    assert operator.get(f"{BASE}add/").status_code == 403
    assert operator.post(f"{BASE}{pool_id}/change/", {"name": "x"}).status_code == 403
    assert operator.post(f"{BASE}{pool_id}/delete/", {"post": "yes"}).status_code == 403
    assert stored(pool_id).version == 1
