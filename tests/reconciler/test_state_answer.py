"""The gateway's answer about its state, read: what is not whole is an error, never "empty"."""

from __future__ import annotations

import copy
import hashlib

import pytest

from reconciler import secret_digests, state_answer
from reconciler.diff import Action, diff
from reconciler.jcli import users
from reconciler.jcli.errors import Garbled
from reconciler.state import Connector, Group, Kind, Route, Session, Traffic
from tests.reconciler.states import SETTINGS, USER, state, user

SALT = bytes(range(16))
KEY = secret_digests.key("console-pw", SALT)
CA = "QUJD"
SESSION = ["transceiver", "192.0.2.1", 2775, "BOUND_TRX", 1_700_000_000.5, "", "", False]


def digest(secret: str) -> str:
    return secret_digests.digest(KEY, secret)


@pytest.fixture
def answer() -> dict:
    return {
        "jasmin": "0.11.0",
        "launcher": "2",
        "capabilities": ["lane", "state"],
        "epoch": "2026-01-02 03:04:05",
        "carries": 700,
        "orders": [[1, 1], [3_000_000, 3_000_001]],
        "groups": [["obg", True]],
        "user_settings": [dict(USER)],
        "users": [["ob1", "obg", "ob1", True, 0, digest(users.stored("user-pw")), 2, 7]],
        "connector_settings": [dict(SETTINGS)],
        "connectors": [
            [
                "ob1",
                True,
                "BOUND_TRX",
                3,
                2,
                0,
                {"port": "2776"},
                digest("carrier"),
                None,
                [SESSION],
            ]
        ],
        "patterns": [""],
        "routes": [[3_000_000, "ob1", 0, ["ob1", "ob1"]]],
        "others": {
            "groups": ["theirs"],
            "users": [["them", "obg", "their-name"]],
            "connectors": ["their"],
            "routes": [[1, ["their"]], [3_000_001, ["their"]]],
        },
    }


def read(answer: dict) -> state_answer.StateAnswer:
    return state_answer.read(answer, KEY)


def test_ours_is_read_in_full_and_what_is_not_ours_by_name(answer):
    found = read(answer).state

    assert found.groups == {"obg": Group("obg", True)}
    assert found.users["ob1"].settings == USER
    link = found.connectors["ob1"]
    assert link.settings == SETTINGS | {"port": "2776"}
    assert (link.running, link.session, link.starts, link.stops) == (True, "BOUND_TRX", 3, 2)
    assert found.routes == (Route(3_000_000, "ob1", "", ("ob1", "ob1")),)
    assert found.orders == {1, 3_000_000, 3_000_001}
    assert found.foreign == {
        Kind.GROUP: ("theirs",),
        Kind.USER: ("them",),
        Kind.CONNECTOR: ("their",),
        Kind.ROUTE: ("1", "3000001"),
    }
    assert (found.foreign_usernames, found.foreign_members) == ({"their-name"}, {"obg"})
    assert [each.split(" is ")[0] for each in found.conflicts] == ["conflict: route 3000001"]
    assert found.epoch == "2026-01-02 03:04:05"


def test_the_sessions_of_a_connector_and_of_a_user_come_with_it(answer):
    found = read(answer).state

    (session,) = found.connectors["ob1"].sessions
    assert session == Session(
        "transceiver", "192.0.2.1", 2775, "BOUND_TRX", 1_700_000_000.5, "", "", False
    )
    assert session.is_bound
    assert found.traffic == {"ob1": Traffic(2, 7)}


def test_what_the_gateway_is_comes_with_it(answer):
    found = read(answer)

    assert (found.greeting.jasmin, found.greeting.launcher) == ("0.11.0", "2")
    assert found.greeting.capabilities == {"lane", "state"}
    assert found.carries == 700
    assert not found.state.is_draining
    assert read(answer | {"draining": True}).state.is_draining


def test_equal_secrets_are_no_difference_and_others_are(answer):
    wanted = state(
        Group("obg"), user("ob1"), Connector("ob1", True, SETTINGS | {"port": "2776"}, "carrier")
    )
    found = state(*(each for kind in KINDS for each in kind(read(answer).state)))
    assert diff(wanted, found) == []

    answer["users"][0][5] = digest(users.stored("other"))
    answer["connectors"][0][7] = digest("other")
    answer["connectors"][0][8] = digest("a key")
    found = state(*(each for kind in KINDS for each in kind(read(answer).state)))

    changes = {each.kind: each for each in diff(wanted, found)}
    assert [each.name for each in changes[Kind.USER].fields] == ["password"]
    assert [each.name for each in changes[Kind.CONNECTOR].fields] == ["password", "tls_key"]
    assert {each.action for each in changes.values()} == {Action.REPLACE}
    values = {
        value for each in changes.values() for f in each.fields for value in (f.actual, f.desired)
    }
    assert values == {None}


KINDS = (
    lambda found: found.groups.values(),
    lambda found: found.users.values(),
    lambda found: found.connectors.values(),
)


def test_a_certificate_is_compared_by_its_digest(answer):
    digest_of_ca = sha256(CA)
    answer["connectors"][0][6] |= {"tls_ca": digest_of_ca}
    wanted = Connector("ob1", True, SETTINGS | {"port": "2776", "tls_ca": CA}, "carrier")
    found = read(answer).state.connectors["ob1"]
    assert diff(state(wanted), state(found)) == []

    other = Connector("ob1", True, SETTINGS | {"port": "2776", "tls_ca": "QUJE"}, "carrier")
    (change,) = diff(state(other), state(found))

    (field,) = change.fields
    assert field.actual == digest_of_ca[:23]
    assert field.desired == sha256("QUJE")[:23]


def sha256(pem: str) -> str:
    return f"sha256:{hashlib.sha256(pem.encode()).hexdigest()}"


def test_no_secret_is_in_what_is_printed_of_a_state(answer):
    assert digest("carrier") not in repr(read(answer))
    assert KEY.hex() not in repr(read(answer))
    assert repr(KEY) not in repr(read(answer))


@pytest.mark.parametrize(
    "name", ["groups", "users", "connectors", "routes", "orders", "others", "epoch", "carries"]
)
def test_an_answer_without_a_part_is_an_error(answer, name):
    del answer[name]

    with pytest.raises(Garbled):
        read(answer)


@pytest.mark.parametrize("name", ["groups", "users", "connectors", "routes"])
@pytest.mark.parametrize("row", [[], ["ob1"], None, 7, ["ob1", "x", "y", True, 99, "", 0, 0, 0, 0]])
def test_a_row_that_is_not_whole_is_an_error(answer, name, row):
    broken = copy.deepcopy(answer)
    broken[name] = [row]

    with pytest.raises(Garbled):
        read(broken)


def test_what_was_not_asked_for_or_is_not_ours_is_left_out(answer):
    """What is not wanted is deleted: no answer may name the objects of others for that."""
    answer["groups"].append(["theirs", True])
    answer["users"] += [
        ["ob2", "obg", "ob2", True, 0, "", 0, 0],
        ["x", "obg", "x", True, 0, "", 0, 0],
    ]
    answer["connectors"] += [[cid, *answer["connectors"][0][1:]] for cid in ("ob2", "x")]
    answer["routes"] += [[3_000_005, "ob2", 0, ["ob2"]], [5, "x", 0, ["x"]]]

    found = read(answer).state
    assert (found.users.keys(), found.connectors.keys()) == ({"ob1", "ob2"}, {"ob1", "ob2"})
    assert (found.groups.keys(), len(found.routes)) == ({"obg"}, 2)

    found = state_answer.read(answer, KEY, only={"ob1"}).state
    assert (found.users.keys(), found.connectors.keys()) == ({"ob1"}, {"ob1"})
    assert (found.groups.keys(), len(found.routes)) == (set(), 1)


@pytest.mark.parametrize(
    "news",
    [{"orders": [[1, 10**15]]}, {"orders": [[1, 10**30]]}, {"carries": float("inf")}],
    ids=["orders", "more orders", "carries"],
)
def test_numbers_that_no_gateway_has_are_an_error(answer, news):
    with pytest.raises(Garbled):
        read(answer | news)


def test_digests_differ_by_password_of_the_console_and_by_salt():
    keys = [secret_digests.key(*each) for each in [("a", SALT), ("b", SALT), ("a", bytes(16))]]

    assert len({secret_digests.digest(key, "s3cr3t") for key in keys}) == 3


def test_a_question_names_our_prefix_and_the_keys():
    asked = state_answer.question({"ob2", "ob1"}, prefix="ob", salt=SALT)

    assert asked == {"prefix": "ob", "only": ["ob1", "ob2"], "salt": SALT.hex()}
    assert state_answer.question(None, prefix="ob", salt=SALT)["only"] is None
