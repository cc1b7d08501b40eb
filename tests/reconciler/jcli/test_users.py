"""Users, as the real Jasmin 0.11.0 printed them."""

from __future__ import annotations

import pytest

from reconciler.jasmin import user_settings
from reconciler.jcli import users
from reconciler.jcli.errors import Garbled
from reconciler.state import User
from tests.reconciler.jcli.transcripts import load, reply


def pinned(**fields: object) -> User:
    values = {"uid": "obone", "gid": "obg", "username": "obone", "password": "pass-word"} | fields
    return User(settings=user_settings.PINNED_USER, **values)


def test_a_jasmin_without_users_has_none():
    assert users.read(reply("users/none", "user -l")) == {}


def test_users_are_read_with_their_groups_and_disabled_ones_are_marked():
    assert users.read(reply("users/lists", "user -l")) == {
        "obone": users.Row("obone", "obg", "obone", True),
        "obsixteenchars--": users.Row(
            "obsixteenchars--", "sixteen---------", "obfifteenchars-", True
        ),
        "theirs": users.Row("theirs", "obg", "theirs", False),
        "rich": users.Row("rich", "obg", "rich", True),
    }


def test_a_user_may_have_another_username_than_uid():
    found = users.read(reply("users/upsert", "user -l"))

    assert found == {"thief": users.Row("thief", "obg", "obone", True)}


def test_a_truncated_list_is_garbled():
    answer = reply("users/lists", "user -l")

    for length in range(len(answer)):
        with pytest.raises(Garbled):
            users.read(answer[:length])


@pytest.mark.parametrize("row", ["#obone", "#obone obg", "#obone obg obone", "#"])
def test_a_row_that_lost_columns_is_garbled(row: str):
    with pytest.raises(Garbled):
        users.read([row, "Total Users: 1"])


def test_settings_are_read_as_they_are_printed():
    found = users.read_settings(reply("users/shows", "user -s obone"))

    assert found["mt_messaging_cred authorization http_send"] == "True"
    assert found["mt_messaging_cred authorization smpps_send"] == "False"
    assert found["mt_messaging_cred valuefilter content"] == "^two words$"
    assert found["mt_messaging_cred quota balance"] == "ND"
    assert found["smpps_cred authorization bind"] == "False"
    assert not found.keys() & {"uid", "gid", "username"}


def test_every_setting_that_jasmin_prints_is_declared_for_our_own_user():
    found = users.read_settings(reply("users/shows", "user -s obone"))

    assert found.keys() == user_settings.PINNED_USER.keys()


def test_a_user_that_is_not_there_has_no_settings():
    assert users.read_settings(reply("users/shows", "user -s nosuch")) == {}


def test_a_new_user_is_typed_as_jasmin_took_it():
    command = users.put(pinned())
    session = load("users/shows")
    start = next(at for at, each in enumerate(session) if each.typed == "user -a")
    taken = {each.typed for each in session[start:]}

    assert set(command.lines) <= taken
    assert command.success in reply("users/shows", "ok")
    assert "pass-word" not in repr(command)


def test_a_user_whose_group_is_missing_is_not_success():
    said = reply("users/failures", "ok")

    assert users.put(pinned()).success not in said


@pytest.mark.parametrize(
    ("command", "typed"),
    [
        (users.remove("nosuch"), "user -r nosuch"),
        (users.unbind("nosuch"), "user --smpp-unbind nosuch"),
    ],
    ids=["remove", "unbind"],
)
def test_a_user_that_is_gone_already_needs_no_removal(command, typed: str):
    assert command.lines == (typed,)
    assert set(reply("users/failures", typed)) <= set(command.also)


@pytest.mark.parametrize(
    ("command", "typed"),
    [(users.enable("nosuch"), "user -e nosuch"), (users.disable("nosuch"), "user -d nosuch")],
    ids=["enable", "disable"],
)
def test_a_user_that_is_gone_can_not_be_switched(command, typed: str):
    assert command.lines == (typed,)
    assert not {command.success, *command.also} & set(reply("users/failures", typed))
