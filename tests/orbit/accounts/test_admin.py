"""Accounts in the console: people are edited there, the rest is only shown."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.factories import make_api_key, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def console() -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("page", ["user", "organization", "member", "apikey", "auditevent"])
def test_lists_are_shown(console, page):
    make_api_key()
    assert console.get(f"/admin/accounts/{page}/").status_code == 200


def test_it_says_whose_console_it_is(console):
    text = console.get("/admin/").content.decode()
    assert "Orbit BYO-SMPP" in text
    assert "Django administration" not in text
    assert "Groups" not in text


def test_times_have_seconds_and_a_zone(console):
    make_api_key()
    text = console.get("/admin/accounts/organization/").content.decode()
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", text)


def test_a_user_is_added_by_address(console):
    assert console.get("/admin/accounts/user/add/").status_code == 200


@pytest.mark.parametrize("page", ["organization", "member", "apikey", "auditevent"])
def test_what_has_rules_of_its_own_is_not_added(console, page):
    assert console.get(f"/admin/accounts/{page}/add/").status_code == 403


def test_a_key_shows_neither_secret_nor_hash(console):
    new = make_api_key()
    text = console.get(f"/admin/accounts/apikey/{new.key.pk}/change/").content.decode()
    assert new.key.prefix in text
    assert new.secret not in text
    assert new.key.secret_hash not in text


@pytest.mark.sqlite
@pytest.mark.parametrize("ticked", ["abc", "\0", "9" * 30, "\uff11"])
def test_a_ticked_row_that_there_can_not_be_is_answered_with_the_list(console, ticked):
    form = {"action": "delete_selected", "_selected_action": ticked}
    answer = console.post("/admin/accounts/user/", form, follow=True)
    assert answer.status_code == 200


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "query",
    [
        "accounts/user/?email=%00",
        "reconciler/bindchange/?at__gte=0001-01-01T00:00:00%2B23:59",
        "reconciler/run/?started_at__lt=9999-12-31T23:59:59-23:59",
        "messaging/message/?created=0001-01-01T00:00:00%2B23:59/9999-12-31T23:59:59-23:59",
    ],
)
def test_a_filter_that_no_database_takes_is_answered_with_the_list(console, query):
    assert console.get(f"/admin/{query}", follow=True).status_code == 200


@pytest.mark.sqlite
def test_a_nul_is_looked_up_nowhere(console):
    about = "app_label=messaging&model_name=message&field_name=organization"
    assert console.get(f"/admin/autocomplete/?{about}&term=%00").status_code == 400


def test_a_day_that_there_is_not_can_be_searched_for(console):
    answer = console.get("/admin/accounts/user/?q=2026-02-30T00:00:00Z")
    assert (answer.status_code, answer.context["cl"].result_count) == (200, 0)
