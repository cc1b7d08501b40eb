"""What passes count of an access's traffic."""

from __future__ import annotations

import pytest

from messaging.access.models import Access
from reconciler.accesses import _counted
from reconciler.jcli.users import read_submits


@pytest.mark.parametrize(
    ("seen", "submits", "total"),
    [
        ({}, 5, 105),
        ({"main": 3}, 5, 102),
        ({"main": 5}, 5, 100),
        ({"main": 5}, 0, 100),  # it started anew
        ({"main": 5}, 2, 102),
        ({"other": 50}, 5, 105),
        ({"main": 3}, None, 100),  # the user is gone
    ],
)
def test_each_submit_is_counted_once_over_restarts_and_gateways(seen, submits, total):
    access = Access(submits_total=100, submits_seen=seen)
    news = _counted(access, submits, "main")
    assert news.get("submits_total", 100) == total
    after = news.get("submits_seen", seen)
    assert after == (seen if submits is None else seen | {"main": submits})


def test_the_count_is_that_of_the_smpp_server():
    reply = [
        "#Item                    Type         Value",
        "#bind_count              SMPP Server  1",
        "#submit_sm_request_count SMPP Server  7",
        "#submit_sm_request_count HTTP Api     9",
    ]
    assert read_submits(reply) == 7
    assert read_submits(["Unknown User: u"]) is None
    assert read_submits([]) is None
