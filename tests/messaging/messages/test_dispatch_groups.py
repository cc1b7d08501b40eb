"""Each way to write a message gives it its group."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from messaging import bulk
from messaging.messages.dispatch_groups import group_key
from messaging.messages.models import Message
from tests.messaging.messages.conftest import FRANCE, make_message, stored

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

FRENCH = group_key(country="FR", wanted_carrier_id="carr_1")


def test_saved_alone_or_with_others(organization):
    one, other = (make_message(organization, wanted_carrier_id="carr_1") for _ in range(2))
    Message.objects.filter(pk=other.pk).delete()
    Message.objects.bulk_create([other])

    assert {stored(each.pk).group_key for each in (one, other)} == {FRENCH}


def test_inserted_as_columns(organization):
    columns = ["organization_id", "to", "country", "wanted_carrier_id", "body", "encoding"]
    row = (organization.pk, FRANCE, "FR", "carr_1", "hello", "gsm7")

    bulk.insert(Message, [*columns, "segments"], [(*row, 1)])

    assert Message.objects.get().group_key == FRENCH


def test_what_waited_before_there_were_groups_gets_one(organization):
    waits = make_message(organization, wanted_carrier_id="carr_1")
    ended = make_message(organization, status="delivered", sent_at=timezone.now())
    Message.objects.update(group_key="")

    import_module("messaging.migrations.0014_dispatch").fill(apps, None)

    assert [stored(each.pk).group_key for each in (waits, ended)] == [FRENCH, ""]
