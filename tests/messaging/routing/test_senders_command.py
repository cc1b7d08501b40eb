"""`manage.py senders preview POOL DESTINATION`"""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from tests.messaging.pools.conftest import AMERICA, FRANCE, A, B


def run(capsys, *arguments: str) -> str:
    call_command("senders", "preview", *arguments)
    return capsys.readouterr().out


def test_it_says_who_would_send_and_why(api, carriers, capsys):
    carrier_id = carriers.add()
    pool_id = api.add(A, {"sender": B, "enabled": False}, carrier_ids=[carrier_id])
    assert run(capsys, pool_id, FRANCE, "--count", "2") == (
        f"{FRANCE} (FR): {A}, by strategy\n"
        f"  carrier  Orange FR ({carrier_id}), not bound\n"
        f"  + {A}     eligible\n"
        f"  - {B}     disabled\n"
        f"  next     {A}, {A}\n"
        "  No carrier for it is bound now: a message would wait.\n"
    )


def test_as_json_it_is_what_the_api_answers(api, capsys):
    pool_id = api.add(A, B)
    said = json.loads(run(capsys, pool_id, FRANCE, "--count=3", "--json"))
    assert said == api.preview(pool_id, count=3)
    assert said["next"] == [A, B, A]


def test_it_ends_with_1_where_nobody_may_send(api, capsys):
    with pytest.raises(SystemExit) as end:
        run(capsys, api.add("ACME"), AMERICA)
    assert end.value.code == 1
    out = capsys.readouterr().out
    assert "no sender" in out
    assert "US refuses alphanumeric senders" in out


@pytest.mark.parametrize(
    ("pool", "destination", "count", "says"),
    [
        ("pool_1", FRANCE, "1", "no pool"),
        ("", "33639980001", "1", "E.164"),
        ("", FRANCE, "0", "1 to 100"),
        ("", FRANCE, "101", "1 to 100"),
    ],
)
def test_what_it_cannot_do(api, pool, destination, count, says):
    with pytest.raises(CommandError, match=says):
        call_command("senders", "preview", pool or api.add(A), destination, "--count", count)
