from __future__ import annotations

import pytest
from django.test import Client

from orbit.accounts.models import User
from tests.messaging.credentials.conftest import stored

BASE = "/admin/messaging/credential/"


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    person = User.objects.create(email="op@example.com", is_staff=True, is_superuser=True)
    client.force_login(person)
    return client


def secrets_of(credential_id: str) -> list[str]:
    row = stored(credential_id)
    return [row.password, row.gateway_password, row.staged_password]


def test_the_pages_show_no_password(api, operator):
    credential_id = api.add(password="s3cr3t!!")
    api.rotate(credential_id)
    for path in ("", f"{credential_id}/change/"):
        page = operator.get(BASE + path)
        assert page.status_code == 200
        assert credential_id in page.content.decode()
        for secret in secrets_of(credential_id):
            assert secret not in page.content.decode()


def test_nothing_can_be_changed(api, operator):
    credential_id = api.add()
    assert operator.get(f"{BASE}add/").status_code == 403
    assert operator.post(f"{BASE}{credential_id}/change/", {"name": "x"}).status_code == 403
    assert operator.post(f"{BASE}{credential_id}/delete/", {"post": "yes"}).status_code == 403
    assert stored(credential_id).version == 1


def test_it_can_be_searched_and_filtered(api, operator):
    credential_id = api.add(name="Orange FR")
    for query in ("?q=orange", "?status__sync_state=pending", "?enabled__exact=1"):
        assert credential_id in operator.get(BASE + query).content.decode()
