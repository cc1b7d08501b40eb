from __future__ import annotations

import pytest
from django.test import Client

from messaging.credentials.models import CredentialStatus
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
    credential_id = api.add(name="Orange FR", password="s3cr3t!!")
    api.rotate(credential_id)
    for path in ("", f"{credential_id}/change/"):
        page = operator.get(BASE + path)
        assert page.status_code == 200
        assert "Orange FR" in page.content.decode()
        for secret in secrets_of(credential_id):
            assert secret not in page.content.decode()


def test_a_reason_is_on_the_list_and_on_the_page(api, operator):
    credential_id = api.add(port=2776)
    status = CredentialStatus.objects.filter(credential=credential_id)
    status.update(sync_state="synced", bind_state="unbound", bind_error="Invalid password")
    for path in ("", f"{credential_id}/change/"):
        page = operator.get(BASE + path).content.decode()
        assert "2776" in page
        assert "unbound" in page
        assert "Invalid password" in page

    status.update(sync_state="error", sync_error="the host does not resolve")
    page = operator.get(BASE).content.decode()
    assert "the host does not resolve" in page
    assert "Invalid password" not in page


def test_many_are_listed_with_few_queries(api, operator, django_assert_max_num_queries):
    for number in range(10):
        api.add(system_id=f"acme{number}")
    with django_assert_max_num_queries(15):
        operator.get(BASE)


def test_nothing_can_be_changed(api, operator):
    credential_id = api.add()
    assert operator.get(f"{BASE}add/").status_code == 403
    assert operator.post(f"{BASE}{credential_id}/change/", {"name": "x"}).status_code == 403
    assert operator.post(f"{BASE}{credential_id}/delete/", {"post": "yes"}).status_code == 403
    assert stored(credential_id).version == 1


def test_it_can_be_searched_and_filtered(api, operator):
    credential_id = api.add(name="Orange FR")
    queries = ("?q=orange", f"?q={credential_id}", "?status__sync_state=pending")
    for query in (*queries, "?enabled__exact=1"):
        assert "Orange FR" in operator.get(BASE + query).content.decode()
    for query in ("?q=verizon", "?status__sync_state=synced", "?enabled__exact=0"):
        assert "Orange FR" not in operator.get(BASE + query).content.decode()
