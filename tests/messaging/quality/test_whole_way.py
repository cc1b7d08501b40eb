"""From receipts to the next message's carrier: through counting, adding up and deciding."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.messages.dispatch import run
from messaging.messages.models import Message
from messaging.usage.tasks import sweep
from tests.messaging.callers import data
from tests.messaging.carriers.conftest import Api, Routes
from tests.messaging.messages.dispatch.conftest import make_message
from tests.messaging.quality.conftest import LONG_AGO, count
from tests.messaging.receipts.conftest import Log

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def send(organization, log: Log, clock: Any, *, count: int, delivered: int) -> None:
    """So many messages through the first carrier, of which some are delivered."""
    rows = [make_message(organization, to=f"+33639{n:06}") for n in range(count)]
    while Message.objects.filter(status="queued").exists():
        run.dispatch(organization.pk)
    for row in rows:
        log.answer(row, id=row.pk[-9:])
    log.take()
    clock.shift(timedelta(seconds=3))
    for number, row in enumerate(rows):
        stat, err = ("DELIVRD", "000") if number < delivered else ("UNDELIV", "069")
        log.receipt(stat, id=row.pk[-9:], err=err, source=row.to[1:])
    log.take()


def test_a_carrier_that_falls_gets_no_more_of_the_messages(organization, carrier, second, fake):
    log = Log(carrier.credential)
    start = timezone.now().replace(second=30, microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        count(carrier, "delivered", 1, ago=LONG_AGO)
        send(organization, log, clock, count=60, delivered=24)
        clock.shift(timedelta(seconds=45))  # the minute is over, and nearly all receipts are there
        sweep()

        assert Carrier.objects.get(pk=carrier.pk).demotions == "FR critical"
        message = make_message(organization, to="+33639999999")
        run.dispatch(organization.pk)

    assert Message.objects.get(pk=message.pk).carrier_id == second.pk
    found = data(Routes(organization).get("?destination=%2B33639980001"))["carriers"]
    assert [each["id"] for each in found] == [second.pk, carrier.pk]
    (move,) = data(Api(organization).get(f"/{carrier.pk}/quality"))["moves"]
    assert move["evidence"] == {"delivered": 24, "sample": 60, "rate": 40.0}
