"""Traffic of an access, as passes count it."""

from __future__ import annotations

import pytest

from messaging.access.models import Access
from reconciler.jcli.users import read_submits
from reconciler.status.access_status import _counted


@pytest.mark.parametrize(
    ("seen", "submits", "total"),
    [
        ({}, 5, 105),
        ({"main": ["now", 3]}, 5, 102),
        ({"main": ["now", 5]}, 5, 100),
        ({"main": ["now", 5]}, 2, 102),  # its user was made anew
        ({"main": ["before", 3]}, 0, 100),  # it started anew
        ({"main": ["before", 3]}, 5, 105),
        ({"other": ["now", 50]}, 5, 105),
        ({"main": ["now", 3]}, None, 100),  # the user is gone
    ],
)
def test_each_submit_is_counted_once_over_restarts_and_gateways(seen, submits, total):
    access = Access(submits_total=100, submits_seen=seen)
    news = _counted(access, submits, "main", "now")
    assert news.get("submits_total", 100) == total
    after = Access(submits_total=total, submits_seen=news.get("submits_seen", seen))
    assert _counted(after, submits, "main", "now") == {}, "it is counted twice"


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
