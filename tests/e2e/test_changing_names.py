"""A name that turns to one of our own addresses is never connected to, by us or by Jasmin."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from messaging.net import resolution
from orbit.accounts.models import Organization
from orbit.dev.simulator import SimulatorThread
from reconciler import actual, runs
from reconciler.gateway_client import gateway_console
from reconciler.models import ConnectorRecord, Gateway
from tests.e2e.api import CREDENTIALS
from tests.e2e.listening import Trap, trap
from tests.factories import make_api_key

pytestmark = pytest.mark.stack

NAME = "smpp.carrier.example"
PASSWORD = "St0red;#"


class Dns:
    """What NAME stands for, now."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def getaddrinfo(self, host: str, port: object, **_: object) -> list[tuple]:
        assert host == NAME
        if not self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [
            (
                socket.AF_INET6 if ":" in each else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (each, 0),
            )
            for each in self.addresses
        ]


@pytest.fixture
def dns(monkeypatch, settings) -> Dns:
    """The resolver of this process; 127.0.0.2 plays the public address of a carrier."""
    dns = Dns()
    monkeypatch.setattr(resolution, "getaddrinfo", dns.getaddrinfo)
    settings.SMPP_ALLOWED_NETWORKS = ["127.0.0.2/32"]
    return dns


@pytest.fixture
def carrier(make_smsc) -> SimulatorThread:
    carrier = make_smsc(host="127.0.0.2")
    carrier.add_system("acme", PASSWORD)
    return carrier


@pytest.fixture
def home(carrier) -> Iterator[Trap]:
    """Something of ours, on the carrier's port."""
    with trap("127.0.0.1", carrier.port) as running:
        yield running


@pytest.fixture
def call(site, organization: Organization) -> Callable:
    """The API in this process, where the resolver is ours. Its pushes reach no worker."""
    client, key = Client(), make_api_key(organization).secret

    def call(method: str, path: str = "", body: object = None):
        return client.generic(
            method, CREDENTIALS + path, _json(body), content_type="application/json",
            headers={"X-API-Key": key},
        )  # fmt: skip

    return call


def _json(body: object) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def reconcile(gateway: Gateway) -> None:
    """A pass with all that follows, as the worker does it; also for what rests after a failure."""
    ConnectorRecord.objects.update(retry_at=None)
    runs.run(gateway, trigger="command")


def in_jasmin(gateway: Gateway) -> list[tuple[str, bool]]:
    """Address and state of each connector."""
    with gateway_console.connect(gateway) as console:
        found = actual.read(console).connectors.values()
    return [(each.settings["host"], each.running) for each in found]


@pytest.fixture
def moved_name(dns, call, carrier, gateway) -> str:
    """A credential by NAME, bound at the carrier."""
    dns.addresses = ["127.0.0.2"]
    body = {"host": NAME, "port": carrier.port, "system_id": "acme", "password": PASSWORD}
    answer = call("POST", "", body)
    assert answer.status_code == 201, answer.content
    reconcile(gateway)
    assert in_jasmin(gateway) == [("127.0.0.2", True)]
    assert carrier.wait_for(lambda: carrier.system("acme").live_binds == 1)
    return answer.json()["data"]["id"]


@pytest.mark.parametrize(
    "turned",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:127.0.0.1"],
        ["127.0.0.2", "127.0.0.1"],  # one bad answer spoils all
        ["10.0.0.7", "127.0.0.1"],
    ],
    ids=",".join,
)
def test_a_name_that_turns_to_us_is_never_connected_to(
    turned, dns, moved_name, call, carrier, home, gateway
):
    dns.addresses = turned

    reconcile(gateway)
    carrier.drop_binds("acme")  # were it running, Jasmin would connect again
    reconcile(gateway)
    rotated = call("POST", f"/{moved_name}/rotate", {"password": "newone#1"})
    patched = call("PATCH", f"/{moved_name}", {"window": 5})
    reconcile(gateway)

    row = call("GET", f"/{moved_name}").json()["data"]
    assert row["sync"]["state"] == "error"
    assert NAME in row["sync"]["error"] and "not allowed" in row["sync"]["error"]
    assert row["bind"]["state"] == "unbound"
    assert in_jasmin(gateway) == [("127.0.0.2", False)]
    assert rotated.json()["data"]["verification"]["result"] == "inconclusive"
    assert patched.status_code == 200
    assert carrier.system("acme").bind_attempts == 1
    assert home.caught == []


def test_it_is_bound_again_once_the_name_is_good_again(dns, moved_name, call, carrier, gateway):
    dns.addresses = ["127.0.0.1"]
    reconcile(gateway)
    carrier.wait_for(lambda: carrier.system("acme").live_binds == 0)

    dns.addresses = ["127.0.0.2"]
    reconcile(gateway)

    carrier.wait_for(lambda: carrier.system("acme").live_binds == 1)
    row = call("GET", f"/{moved_name}").json()["data"]
    assert (row["sync"]["state"], row["bind"]["state"]) == ("synced", "bound")


def test_a_bound_connector_outlives_a_name_server_that_is_away(dns, moved_name, carrier, gateway):
    dns.addresses = []

    reconcile(gateway)
    reconcile(gateway)

    assert in_jasmin(gateway) == [("127.0.0.2", True)]
    assert carrier.system("acme").bind_attempts == 1


def test_a_new_credential_whose_name_turns_before_the_first_pass_never_reaches_jasmin(
    dns, call, carrier, home, gateway
):
    dns.addresses = ["127.0.0.2"]
    body = {"host": NAME, "port": carrier.port, "system_id": "acme", "password": PASSWORD}
    made = call("POST", "", body).json()["data"]["id"]
    dns.addresses = ["127.0.0.1"]

    reconcile(gateway)

    row = call("GET", f"/{made}").json()["data"]
    assert in_jasmin(gateway) == []
    assert row["sync"]["state"] == "error"
    assert "not allowed" in row["sync"]["error"]
    assert home.caught == []


def test_a_name_that_stands_for_us_is_refused_when_it_is_typed(dns, call):
    dns.addresses = ["8.8.8.8", "127.0.0.1"]

    answer = call("POST", "", {"host": NAME, "system_id": "acme", "password": PASSWORD})

    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["field"] == "host"
