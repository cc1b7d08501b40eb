from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orbit.accounts.api_keys import metrics
from orbit.accounts.api_keys.metrics import ApiKeyCollector
from orbit.accounts.models import ApiKey
from tests.factories import make_api_key, make_organization

pytestmark = pytest.mark.django_db


def test_keys_in_use_that_end_next_are_told(monkeypatch):
    monkeypatch.setattr(metrics, "MOST", 2)
    organization, now = make_organization(), timezone.now()
    keys = {}
    for days in (-1, 1, 2, 3, 4):
        keys[days] = make_api_key(organization).key.pk
        ends = now + timedelta(days=days)
        ApiKey.objects.filter(pk=keys[days]).update(expires_at=ends, last_used_at=now)
    ApiKey.objects.filter(pk=keys[1]).update(last_used_at=None)

    (family,) = ApiKeyCollector().collect()

    assert [each.labels["key"] for each in family.samples] == [keys[2], keys[3]]
    assert family.samples[0].value == (now + timedelta(days=2)).timestamp()
