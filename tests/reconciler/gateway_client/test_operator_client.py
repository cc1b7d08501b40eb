"""What a gateway answers to the site's own requests, where it is no answer."""

from __future__ import annotations

import math
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reconciler.gateway_client.operator_client import (
    Drained,
    GatewayAway,
    NoSuchRequest,
    OperatorClient,
    OtherLog,
    TooSlow,
)
from reconciler.models import Gateway
from tests.reconciler.gateway_client.conftest import row

ASK: dict[str, Callable[[OperatorClient], Any]] = {
    "deliver": lambda client: client.deliver("log", [], []),
    "opt_out_lists": lambda client: client.opt_out_lists(),
    "change_opt_outs": lambda client: client.change_opt_outs(
        b"k" * 32, "ob", None, 1, add="", whole=False
    ),
    "drain": lambda client: client.drain("log", closed=True),
    "read_trace": lambda client: client.read_trace("id", 0),
}
WHOLE_DELIVERY = {"life": "1", "began": 0, "bound": [], "results": []}
BROKEN = [
    ("deliver", {}),
    ("deliver", WHOLE_DELIVERY | {"results": [{"token": "t"}]}),
    ("deliver", WHOLE_DELIVERY | {"results": [7]}),
    ("deliver", WHOLE_DELIVERY | {"began": "soon"}),
    ("deliver", WHOLE_DELIVERY | {"began": math.inf}),
    ("deliver", WHOLE_DELIVERY | {"bound": None}),
    ("opt_out_lists", {}),
    ("opt_out_lists", {"key": "zz", "lists": {}}),
    ("opt_out_lists", {"key": "00", "lists": []}),
    ("opt_out_lists", {"key": "00", "lists": {"ob": {"version": 1}}}),
    ("opt_out_lists", {"key": "00", "lists": {"ob": {"version": 1, "count": math.inf}}}),
    ("change_opt_outs", {}),
    ("change_opt_outs", {"results": []}),
    ("change_opt_outs", {"results": [None]}),
    ("drain", {}),
    ("drain", {"closed": True, "open": None, "unknown": []}),
    ("drain", {"closed": True, "open": math.inf, "unknown": []}),
    ("drain", {"closed": True, "open": 0, "unknown": 7}),
    ("read_trace", {}),
    ("read_trace", {"state": "running", "last": math.inf}),
]


@pytest.fixture
def client(answering: Gateway) -> Iterator[OperatorClient]:
    made = OperatorClient(answering)
    yield made
    made.close()


@pytest.mark.parametrize(("request_", "body"), BROKEN)
def test_an_answer_that_is_not_whole_is_none(client, answers, request_, body) -> None:
    answers.say(body)

    with pytest.raises(GatewayAway, match="its answer can't be read"):
        ASK[request_](client)


@pytest.mark.parametrize("request_", ASK)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"results"', b"[" * 100_000])
def test_an_answer_of_another_server_is_none(client, answers, request_, body) -> None:
    answers.body = body

    with pytest.raises(GatewayAway, match="HTTP 200 to /lane/") as said:
        ASK[request_](client)
    assert "s3cret" not in str(said.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, NoSuchRequest), (409, OtherLog), (401, GatewayAway), (503, GatewayAway)],
)
def test_a_refusal_is_told_by_its_status(client, answers, status, error) -> None:
    answers.status = status

    with pytest.raises(error) as said:
        ASK["drain"](client)
    assert said.type is error


def test_a_gateway_that_is_closed_says_what_it_still_has(client, answers) -> None:
    answers.say({"closed": True, "open": 3, "unknown": ["a", "b"]})

    assert ASK["drain"](client) == Drained(True, 3, {"a", "b"})


def test_where_nothing_listens_it_is_away() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = OperatorClient(row(taken.getsockname()[1]))
        with pytest.raises(GatewayAway, match="connection refused"):
            ASK["drain"](client)
    client.close()


def test_one_that_does_not_answer_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = OperatorClient(row(silent.getsockname()[1]), patience=0.05)
        with pytest.raises(TooSlow, match="no answer to /lane/opt-outs in time"):
            ASK["opt_out_lists"](client)
    client.close()
