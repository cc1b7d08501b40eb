"""Groups, as the real Jasmin 0.11.0 printed them."""

from __future__ import annotations

import pytest

from reconciler.jcli import groups
from reconciler.jcli.errors import Garbled
from tests.reconciler.jcli.transcripts import load, reply


def test_a_jasmin_without_groups_has_none():
    assert groups.read(reply("groups/none", "group -l")) == {}


def test_groups_are_read_and_disabled_ones_are_marked():
    first = next(each for each in load("groups/lists") if each.typed == "group -l")

    assert groups.read(first.answer) == {
        "ob234567abcdefg": True,
        "obsixteen-------": False,
        "theirs": True,
    }
    assert groups.read(reply("groups/lists", "group -l")) == {
        "ob234567abcdefg": True,
        "obsixteen-------": True,
    }


def test_a_truncated_list_is_garbled():
    answer = reply("groups/lists", "group -l")

    for length in range(len(answer)):
        with pytest.raises(Garbled):
            groups.read(answer[:length])


@pytest.mark.parametrize(
    ("command", "case", "opener"),
    [
        (groups.add("ob234567abcdefg"), "groups/lists", "group -a"),
        (groups.enable("obsixteen-------"), "groups/lists", "group -e obsixteen-------"),
        (groups.remove("theirs"), "groups/lists", "group -r theirs"),
    ],
    ids=["add", "enable", "remove"],
)
def test_what_is_typed_is_what_jasmin_took_and_its_success_is_known(command, case, opener):
    session = load(case)
    start = next(at for at, each in enumerate(session) if each.typed == opener)
    taken = session[start : start + len(command.lines)]

    assert command.lines == tuple(each.typed for each in taken)
    assert command.success in taken[-1].answer


def test_a_group_that_is_gone_already_is_as_good_as_removed():
    assert reply("groups/failures", "group -r nosuch") == list(groups.remove("nosuch").also)


def test_a_group_that_is_missing_can_not_be_enabled():
    command = groups.enable("nosuch")

    (said,) = reply("groups/failures", "group -e nosuch")

    assert said not in (command.success, *command.also)
