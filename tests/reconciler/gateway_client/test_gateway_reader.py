"""How a pass reads its gateway: by its answer about its state, or by its console."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from reconciler.gateway_client import gateway_console, gateway_reader
from reconciler.gateway_client.gateway_reader import GatewayReader
from reconciler.jcli.errors import JcliError, Slow, Unavailable
from reconciler.models import Gateway
from reconciler.state import Greeting
from tests.reconciler.lane_gateway import LaneGateway, lane_gateway
from tests.reconciler.model import ModelJasmin
from tests.reconciler.model_objects import Link

pytestmark = pytest.mark.django_db

STATE = {
    "jasmin": "0.11.0",
    "launcher": "2",
    "capabilities": ["lane", "state"],
    "epoch": "2026-01-02 03:04:05",
    "carries": 700,
    "orders": [],
    "groups": [["obg", True]],
    "user_settings": [{}],
    "users": [["obg", "obg", "obg", True, 0, "", 2, 7], ["ob1", "obg", "ob1", True, 0, "", 0, 0]],
    "connector_settings": [{}],
    "connectors": [["ob1", True, "BOUND_TRX", 1, 0, 0, {}, "", None, []]],
    "patterns": [],
    "routes": [],
    "others": {"groups": [], "users": [], "connectors": [], "routes": []},
}


@pytest.fixture
def there() -> Iterator[LaneGateway]:
    """A gateway that tells its state."""
    with lane_gateway() as gateway:
        gateway.answer_state = lambda _: (200, STATE)
        yield gateway


@pytest.fixture
def no_console(monkeypatch) -> None:
    def fail(gateway: Gateway) -> None:
        raise AssertionError("the console was opened")

    monkeypatch.setattr(gateway_console, "connect", fail)


@pytest.fixture
def model(monkeypatch) -> ModelJasmin:
    """The console of a stock Jasmin that has one connector."""
    model = ModelJasmin()
    model.connectors = {"ob9": Link("ob9")}
    monkeypatch.setattr(gateway_console, "connect", lambda gateway: model.console())
    return model


def test_a_gateway_that_tells_its_state_is_read_without_its_console(there, no_console):
    with GatewayReader(there.row("state")) as reader:
        found = reader.read()
        traffic = reader.traffic(["obg", "gone"])

    assert (set(found.groups), set(found.users), set(found.connectors)) == (
        {"obg"},
        {"obg", "ob1"},
        {"ob1"},
    )
    assert {uid: (each.sessions, each.submits) for uid, each in traffic.items()} == {"obg": (2, 7)}
    assert reader.greeting == Greeting("0.11.0", "2", frozenset({"lane", "state"}))
    assert reader.carries == 700
    assert reader.waited > 0


def test_it_is_asked_for_our_keys_alone_each_time_with_another_salt(there, no_console):
    with GatewayReader(there.row("state")) as reader:
        reader.read({"ob1"})
        assert reader.sessions(["ob1"])["ob1"].is_bound

    first, second = there.questions
    assert (first["prefix"], first["only"], second["only"]) == ("ob", ["ob1"], ["ob1"])
    assert first["salt"] != second["salt"]
    assert "s3cret" not in str(there.questions)


def test_one_that_no_pass_has_seen_yet_says_at_its_console_that_it_tells_its_state(
    there, monkeypatch
):
    console = ModelJasmin().console()
    console.greeting = Greeting("0.11.0", "2", frozenset({"lane", "state"}))
    monkeypatch.setattr(gateway_console, "connect", lambda gateway: console)
    monkeypatch.setattr(gateway_reader.readiness, "check_alive", lambda gateway: None)

    with gateway_reader.open_if_ready(there.row()) as reader:
        assert set(reader.read().connectors) == {"ob1"}


def test_a_stock_jasmin_is_read_by_its_console(there, model, monkeypatch):
    monkeypatch.setattr(gateway_reader.readiness, "check_alive", lambda gateway: None)
    row = there.row()
    row.capabilities, row.epoch = [], model.epoch

    with gateway_reader.open_if_ready(row) as reader:
        assert set(reader.read().connectors) == {"ob9"}
        assert set(reader.sessions(["ob9"])) == {"ob9"}
        assert reader.carries is None

    assert there.questions == []


def test_one_that_tells_it_no_more_is_read_by_its_console(there, model):
    there.answer_state = lambda _: (404, {})
    row = there.row("state")
    row.epoch = model.epoch

    with GatewayReader(row) as reader:
        assert set(reader.read().connectors) == {"ob9"}
        assert reader.greeting.capabilities == frozenset()


def test_an_answer_that_takes_too_long_is_slow(there, no_console, monkeypatch):
    monkeypatch.setattr(gateway_reader, "PATIENCE", 0.05)
    is_over = threading.Event()
    there.answer_state = lambda _: is_over.wait() and None

    with GatewayReader(there.row("state")) as reader, pytest.raises(Slow, match="in time"):
        reader.read()
    is_over.set()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "HTTP API"),
        ((401, {"error": "unauthorized"}), "HTTP 401 to /lane/state"),
        ((503, {"error": "busy"}), "HTTP 503 to /lane/state"),
        ((200, {}), "can't be read"),
        ((200, STATE | {"users": None}), "can't be read"),
    ],
)
def test_an_answer_that_is_none_is_an_error(there, no_console, answer, words):
    there.answer_state = lambda _: answer

    with GatewayReader(there.row("state")) as reader, pytest.raises(JcliError, match=words):
        reader.read()


def test_a_port_that_is_closed_is_unavailable(no_console):
    with lane_gateway() as gone:
        row = gone.row("state")

    with GatewayReader(row) as reader, pytest.raises(Unavailable, match="connection refused"):
        reader.read()
