"""Totals of lists count one's own rows: not even a number tells of another organisation."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.openapi import operations
from tests.orbit.api.tenants import callers, make_tenant

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_totals_count_ones_own_rows():
    ours, theirs = make_tenant("alpha"), make_tenant("zulu")
    make_tenant("yankee")
    client = Client(headers=callers(ours)["owner"])
    lists = [
        name.removeprefix("GET ")
        for name, each in operations()
        if name.startswith("GET /v1/") and each["operationId"].endswith("_list")
        and each["tags"] != ["operators"]
    ]  # fmt: skip
    assert len(lists) > 10

    for path in (each.format(**ours.ids) for each in lists):
        first = client.get(path, {"limit": 1}).json()
        whole = client.get(path, {"limit": 100})
        rows = whole.json()["data"]
        assert first["meta"]["pagination"]["total"] == len(rows), path
        assert [mark for mark in theirs.marks if mark in whole.text] == [], path
