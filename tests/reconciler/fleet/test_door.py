"""What a closed gateway says of messages that it never took."""

from __future__ import annotations

import pytest

from reconciler.fleet import door
from reconciler.models import Gateway
from tests.reconciler.fleet.conftest import lane

pytestmark = pytest.mark.django_db


def test_a_stock_jasmin_can_not_be_closed_and_is_not_asked(first, process):
    Gateway.objects.filter(pk=first.pk).update(mode="lost", closed=True, capabilities=[])

    assert door.untaken({lane(0): ["msg_a.1"]}) == {lane(0): frozenset()}
    assert process.told == []
