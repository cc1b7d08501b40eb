"""Receivers of this process, what they read, and what waits for platforms."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from messaging.access.models import Access
from messaging.inbound.models import InboundPdu
from messaging.smpp.protocol.pdu import read, write
from orbit.accounts.models import Organization
from orbit.dev.stack.processes import poll
from reconciler.models import Gateway, GatewayLog, Placement
from reconciler.receiver import readers
from reconciler.receiver.readers import Receiver
from tests.factories import make_organization
from tests.reconciler.lane_gateway import LaneGateway

PATIENCE = 60.0  # seconds


@pytest.fixture
def start(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Receiver]]:
    """Starts a receiver in a thread of this process."""
    monkeypatch.setattr(readers, "LOOK", 0.05)
    monkeypatch.setattr(readers, "FIRST_PAUSE", 0.02)
    running: list[tuple[Receiver, threading.Thread]] = []

    def begin() -> Receiver:
        made = Receiver()
        thread = threading.Thread(target=made.run)
        thread.start()
        running.append((made, thread))
        return made

    yield begin
    for made, _ in running:
        made.stop()
    for made, thread in running:
        thread.join()
        for reader in made._readers.values():
            reader.join()


def text(fake: LaneGateway, words: str) -> int:
    raw = write("deliver_sm", sequence=1, source_addr=b"336", short_message=words.encode())
    return fake.write("deliver", cid="x", account="a", session="s", raw=raw.hex())


def offset() -> int:
    return GatewayLog.objects.values_list("offset", flat=True).first() or 0


def read_up_to(number: int) -> bool:
    return poll(lambda: offset() == number, timeout=PATIENCE)


def here(gateway: Gateway) -> Organization:
    made = make_organization()
    Placement.objects.create(organization=made, gateway=gateway)
    Access.objects.create(
        organization=made, enabled=True, password="pw", password_set_at=timezone.now()
    )
    return made


def wait(organization: Organization, *words: str) -> list[InboundPdu]:
    """Texts that wait for the organisation's platform."""
    now = timezone.now()
    return [
        InboundPdu.objects.create(
            organization=organization,
            account="a",
            esm_class=0,
            data_coding=0,
            fields={},
            tlvs=[],
            raw=write("deliver_sm", sequence=1, short_message=each.encode()).hex(),
            digest=f"{InboundPdu.objects.count()}",
            log="f" * 16,
            number=InboundPdu.objects.count() + 1,
            received_at=now,
            access_state="waiting",
            access_due_at=now,
        )
        for each in words
    ]


def given(fake: LaneGateway) -> list[tuple[str, bytes]]:
    return [(each["user"], read(bytes.fromhex(each["pdu"])).payload) for each in fake.deliveries]
