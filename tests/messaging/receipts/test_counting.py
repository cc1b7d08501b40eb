"""Submits of platforms by their own binds are counted; receipts that matched nothing too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.access.models import Access
from messaging.receipts import retention
from messaging.receipts.metrics import StrayCollector
from messaging.receipts.models import Part, StrayReceipt

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_submits_of_an_access_are_counted(organization, log):
    access = Access.objects.create(
        organization=organization, password="x", password_set_at=timezone.now(), submits_total=5
    )
    ended = {"cid": log.cid, "account": "a", "to": "336", "token": "t", "status": 0}
    for part in (0, 1):  # one submit_sm that went out as two
        log.write("access", user=organization.gateway_key, part=part, parts=2, **ended)
    log.write("access", user="another", part=0, parts=1, **ended)
    log.take()

    access.refresh_from_db()
    assert access.submits_total == 6


def test_stray_receipts_are_a_metric_by_credential(log, carrier):
    for number in range(3):
        log.receipt(id=f"X{number}")
    log.take()

    (family,) = StrayCollector().collect()
    (sample,) = family.samples
    assert sample.labels == {"credential": carrier.credential_id, "kind": "unmatched"}
    assert sample.value == 3


def test_they_are_kept_for_a_week(log):
    for number in range(2):
        log.receipt(id=f"X{number}")
    log.take()
    old = timezone.now() - timedelta(days=7, seconds=1)
    StrayReceipt.objects.filter(number=1).update(created_at=old)

    assert retention.prune_strays() == 1
    assert StrayReceipt.objects.get().number == 2


def test_parts_are_forgotten_after_their_messages(log, send):
    log.answer(send())
    log.take()
    assert retention.prune_parts() == 0

    Part.objects.update(answered_at=timezone.now() - timedelta(days=38))
    assert retention.prune_parts() == 1
