"""What the log's client makes of broken answers."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from reconciler.gateway_client.log_client import LogAway, LogClient
from reconciler.models import Gateway

PAGE = {"log": "a", "last": 2, "records": [{"n": 1}, {"n": 2}]}


@pytest.fixture
def client(answering: Gateway) -> Iterator[LogClient]:
    made = LogClient(answering)
    yield made
    made.close()


def test_records_come_with_the_number_of_the_newest(client, answers) -> None:
    answers.say(PAGE)

    page = client.read("", 0, wait=0)

    assert (page.log, page.last, [each["n"] for each in page.records]) == ("a", 2, [1, 2])


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        PAGE | {"last": math.inf},
        PAGE | {"records": None},
        PAGE | {"records": [{"n": math.inf}]},
        PAGE | {"records": [{}]},
    ],
)
def test_what_is_no_page_can_not_be_read(client, answers, body) -> None:
    answers.say(body)

    with pytest.raises(LogAway, match="its log can't be read"):
        client.read("", 0, wait=0)


@pytest.mark.parametrize("numbers", [[2, 1], [1, 1], [0, 1]])
def test_records_out_of_order_are_not_taken(client, answers, numbers) -> None:
    answers.say(PAGE | {"records": [{"n": each} for each in numbers]})

    with pytest.raises(LogAway, match="its log is not in order"):
        client.read("", 0, wait=0)
