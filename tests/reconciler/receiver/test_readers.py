"""The receiver: one reads each log, whatever dies meanwhile, and each record counts once."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

import psycopg
import pytest
from django.db import OperationalError
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.inbound.models import InboundPdu
from messaging.messages.models import Message
from messaging.receipts.models import Part, StrayReceipt
from messaging.smpp.protocol.pdu import write
from orbit.accounts.models import Organization
from orbit.dev.stack.processes import poll
from orbit.operations.models import Heartbeat
from reconciler import lock
from reconciler.models import Gateway, GatewayLog
from reconciler.receiver import log_offsets, readers
from tests.factories import make_organization
from tests.messaging.messages.dispatch.conftest import make_carrier, make_message
from tests.reconciler.lane_gateway import LaneGateway
from tests.reconciler.programs import heard, program
from tests.reconciler.receiver.conftest import PATIENCE, offset, read_up_to, text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

# `manage.py receive`, impatient.
RECEIVE = """
from django.core.management import call_command
from reconciler.gateway_client import log_client
from reconciler.receiver import readers
readers.LOOK, readers.STOP_PATIENCE, readers.FIRST_PAUSE = 0.05, 0.5, 0.02
log_client.MOST = int(sys.argv[2])
call_command("receive", name=sys.argv[1])
"""
TEXT = "id:{} sub:001 dlvrd:001 submit date:2601010101 done date:2601010102 stat:DELIVRD err:000"


@pytest.fixture
def gateway(fake: LaneGateway) -> Gateway:
    return fake.row()


def test_what_is_in_the_log_has_its_effects(fake, start):
    last = [text(fake, f"number {n}") for n in range(20)][-1]
    start()

    assert read_up_to(last)
    assert InboundPdu.objects.count() == 20


def test_news_come_while_it_waits_and_what_is_kept_is_told(fake, start):
    start()
    assert poll(lambda: fake.asked, timeout=PATIENCE)
    last = text(fake, "hello")

    assert read_up_to(last)
    assert poll(lambda: fake.forgotten == last, timeout=PATIENCE)
    assert fake.asked[-1]["log"] == fake.log


def test_an_empty_log_is_known_at_once(fake, start):
    """Before that, a gateway gets no messages."""
    start()

    assert poll(lambda: GatewayLog.objects.filter(log=fake.log).exists(), timeout=PATIENCE)
    assert fake.asked[0]["wait"] == "0"


def test_a_gateway_that_is_away_is_said_so_and_read_once_it_is_back(fake, start):
    fake.answer_log = lambda: None
    text(fake, "hello")
    start()
    assert poll(lambda: GatewayLog.objects.exclude(error="").exists(), timeout=PATIENCE)

    fake.answer_log = None

    assert read_up_to(1)
    assert poll(lambda: GatewayLog.objects.get().error == "", timeout=PATIENCE)


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"log": "x"}),
        (200, {"log": "x", "last": 2, "records": [{"n": 2}, {"n": 1}]}),
        (200, {"log": "x", "last": 1, "records": [1]}),
        (401, {"error": "unauthorized"}),
        (503, {"error": "busy"}),
    ],
)
def test_an_answer_that_is_none_changes_nothing(fake, start, answer):
    fake.answer_log = lambda: answer
    start()
    assert poll(lambda: GatewayLog.objects.exclude(error="").exists(), timeout=PATIENCE)

    assert offset() == 0


def test_a_new_store_is_read_from_its_start_and_loses_none_of_its_records(fake, start):
    for n in range(3):
        text(fake, f"old {n}")
    start()
    assert read_up_to(3)

    fake.lose_store()
    for n in range(5):  # longer than the old one was read
        text(fake, f"new {n}")

    assert poll(lambda: InboundPdu.objects.count() == 8, timeout=PATIENCE)
    assert GatewayLog.objects.get().log == fake.log


def test_a_store_that_was_replaced_while_none_read_is_read_from_its_start(fake, gateway, start):
    GatewayLog.objects.create(gateway=gateway, log="before", offset=3)
    text(fake, "new")
    start()

    assert poll(lambda: InboundPdu.objects.count() == 1, timeout=PATIENCE)
    assert read_up_to(1)
    assert GatewayLog.objects.get().log == fake.log


def test_a_gateway_that_is_added_or_switched_off_is_followed(fake, gateway, start):
    Gateway.objects.update(enabled=False)
    running = start()
    text(fake, "one")
    Gateway.objects.update(enabled=True)
    assert read_up_to(1)

    Gateway.objects.update(enabled=False)

    assert poll(lambda: not running._readers, timeout=PATIENCE)


def test_a_second_one_stands_by_and_takes_over(fake, start):
    first = start()
    text(fake, "one")
    assert read_up_to(1)
    second = start()
    assert poll(lambda: second._readers, timeout=PATIENCE)

    first.stop()
    text(fake, "two")

    assert read_up_to(2)
    assert InboundPdu.objects.count() == 2


def test_two_that_read_at_once_have_each_record_counted_once(fake, start, monkeypatch):
    """The lock is lost, and its holder does not see it."""

    def held(name: str, *, wait: float = 0.0) -> AbstractContextManager[bool]:
        return nullcontext(True)

    monkeypatch.setattr(lock, "held", held)
    start()
    start()
    last = [text(fake, f"number {n}") for n in range(200)][-1]

    assert read_up_to(last)
    assert InboundPdu.objects.count() == 200


def test_a_fault_in_between_is_not_the_end(fake, start, monkeypatch):
    apply, failures = log_offsets.apply, iter([RuntimeError("a bug"), OSError("too many files")])

    def sometimes(row: Any, page: Any) -> None:
        for error in failures:
            raise error
        apply(row, page)

    monkeypatch.setattr(log_offsets, "apply", sometimes)
    text(fake, "hello")
    start()

    assert read_up_to(1)


def test_it_has_a_heartbeat_and_ends_when_it_is_told(fake, gateway):
    with program(RECEIVE, "receiver@here", "500") as process:
        assert heard(process) == "receiver ready"
        assert poll(lambda: Heartbeat.objects.filter(name="receiver@here"), timeout=PATIENCE)

        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE) == 0
    assert not Heartbeat.objects.exists()


@pytest.mark.slow("starts a process for each kill")
@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.kills)])
def test_however_often_it_is_killed_each_record_counts_once(fake, gateway, kills):
    """Answers, receipts and texts, in small pages; kill -9 at any moment, another stands by."""
    organization = make_organization()
    carrier = make_carrier(organization)
    messages = [_taken(organization, carrier, fake) for _ in range(20 * kills)]
    with ExitStack() as all_of_them:

        def start_one() -> subprocess.Popen[str]:
            return all_of_them.enter_context(program(RECEIVE, "receiver@one", "7"))

        running = [start_one(), start_one()]
        for kill in range(kills):
            assert heard(running[0]) == "receiver ready"
            batch = messages[20 * kill : 20 * (kill + 1)]
            writer = threading.Thread(target=_report, args=(fake, carrier, batch))
            writer.start()
            assert poll(lambda: offset() > 60 * kill, timeout=PATIENCE)  # noqa: B023
            running.pop(0).kill()
            running.append(start_one())
            writer.join()
        assert read_up_to(3 * len(messages))

    for row in Message.objects.all():
        assert [each["status"] for each in row.events][-2:] == ["sent", "delivered"]
    assert Message.objects.filter(status="delivered").count() == len(messages)
    assert InboundPdu.objects.count() == Part.objects.count() == len(messages)
    assert StrayReceipt.objects.count() == 0


def _report(fake: LaneGateway, carrier: Carrier, messages: Sequence[Message]) -> None:
    about = {"cid": carrier.credential.gateway_key, "account": "a"}
    for message in messages:
        token, id = f"{message.pk}.1", message.pk[-20:]
        fake.write("answer", token=token, part=0, parts=1, status=0, id=id, **about)
        for esm_class, words in ((4, TEXT.format(id)), (0, f"a text about {id}")):
            raw = write(
                "deliver_sm",
                sequence=1,
                esm_class=esm_class,
                source_addr=message.to.encode(),
                short_message=words.encode(),
            )
            fake.write("deliver", session="s", raw=raw.hex(), **about)


def _taken(organization: Organization, carrier: Carrier, fake: LaneGateway) -> Message:
    now = timezone.now()
    taken = {"status": "sending", "attempt": 1, "claimed_at": now, "taken_at": now}
    place = {"carrier": carrier, "credential": carrier.credential, "sender": "ACME"}
    return make_message(organization, lane=fake.log, **taken, **place)


def test_a_database_that_is_away_for_a_while_is_told_once_and_outlived(
    fake, start, monkeypatch, caplog
):
    def away(count: int) -> list[OperationalError]:
        made = [OperationalError("away") for _ in range(count)]
        for each in made:
            each.__cause__ = psycopg.OperationalError("connection refused: Connection refused")
        return made

    def sometimes(usually: Callable[..., Any]) -> Callable[..., Any]:
        failures = away(2)

        def call(*arguments: Any) -> Any:
            if failures:
                raise failures.pop()
            return usually(*arguments)

        return call

    for name in ("gateways_with_log", "apply"):
        monkeypatch.setattr(log_offsets, name, sometimes(getattr(log_offsets, name)))
    text(fake, "hello")
    start()

    assert read_up_to(1)
    assert InboundPdu.objects.count() == 1
    assert [each.getMessage() for each in caplog.records if each.name == readers.logger.name] == [
        "the database is away: connection refused",
        "the log of main can't be read: the database is away: connection refused",
    ]
