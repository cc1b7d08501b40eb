"""One organisation with silent carriers changes its credentials all the time, beside another."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from reconciler.models import Placement
from tests.e2e.api import CREDENTIALS, Api
from tests.e2e.waiting import eventually
from tests.factories import make_organization

pytestmark = pytest.mark.stack

PASSWORD = "s3cr;t#"
TRUNKS = 12


@pytest.fixture
def silent_ports() -> Iterator[list[int]]:
    """Ports that take connections and never say a word."""
    listeners = [socket.create_server(("127.0.0.1", 0), backlog=200) for _ in range(2)]
    yield [each.getsockname()[1] for each in listeners]
    for each in listeners:
        each.close()


@contextmanager
def flood(api: Api, ports: list[int]) -> Iterator[None]:
    """PATCHes of what the carrier sees, one after another, until the block ends."""
    ids = [api.add(port=ports[0], system_id=f"evil{number}")["id"] for number in range(TRUNKS)]
    over = threading.Event()

    def patch() -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            for each in ids:
                api.patch(f"{CREDENTIALS}/{each}", {"port": ports[turn % 2]})

    thread = threading.Thread(target=patch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.slow("a silent carrier keeps each trial bind for ten seconds")
def test_a_flood_of_patches_at_silent_carriers_keeps_no_other_organisation_waiting(
    make_api, gateway, smsc, silent_ports
):
    hostile = make_organization()
    Placement.objects.create(organization=hostile, gateway=gateway)
    api = make_api()
    with flood(make_api(hostile), silent_ports):
        for number in range(5):
            smsc.add_system(f"good{number}", PASSWORD)
            made = api.add(port=smsc.port, system_id=f"good{number}", password=PASSWORD)
            eventually(lambda made=made: api.read(made["id"])["bind"]["state"] == "bound")
