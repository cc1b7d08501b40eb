"""Differences become changes, and each change says what it does to the bind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.diff import Action, Change, diff
from reconciler.jcli.connectors import LIVE_KEYS
from tests.reconciler.states import SETTINGS, USER, Group, Kind, bound, connector, state, user

GROUP = Group("obg")


def short(changes: list[Change]) -> list[tuple[str, str, str]]:
    return [(change.kind, change.key, change.action) for change in changes]


def only(changes: list[Change]) -> Change:
    (change,) = changes
    return change


def test_equal_states_need_nothing():
    wanted = state(GROUP, user("ob1"), connector("ob1"))

    assert diff(wanted, state(GROUP, user("ob1"), bound("ob1"))) == []


def test_what_is_missing_is_created():
    wanted = state(GROUP, user("ob1"), connector("ob1"))

    changes = diff(wanted, state())

    assert short(changes) == [
        ("group", "obg", "create"),
        ("user", "ob1", "create"),
        ("connector", "ob1", "create"),
    ]
    assert {change.reason for change in changes} == {"missing"}
    assert not any(change.drops_bind for change in changes)


def test_what_is_not_wanted_is_deleted_and_drops_its_bind():
    changes = diff(state(), state(GROUP, user("ob1"), bound("ob1"), connector("ob2")))

    assert sorted(short(changes)) == [
        ("connector", "ob1", "delete"),
        ("connector", "ob2", "delete"),
        ("group", "obg", "delete"),
        ("user", "ob1", "delete"),
    ]
    assert {c.key: c.drops_bind for c in changes if c.kind is Kind.CONNECTOR} == {
        "ob1": True,
        "ob2": False,
    }


# -- groups ---------------------------------------------------------------------------------


def test_a_disabled_group_is_enabled():
    change = only(diff(state(GROUP), state(Group("obg", enabled=False))))

    assert (change.action, change.reason) == (Action.ENABLE, "disabled in Jasmin")


def test_a_group_that_holds_foreign_users_is_left_alone():
    change = only(diff(state(), state(GROUP, foreign_members=frozenset({"obg"}))))

    assert change.action is Action.WITHHELD
    assert "users that are not ours" in change.reason


def test_a_wanted_group_with_foreign_users_is_no_matter():
    assert diff(state(GROUP), state(GROUP, foreign_members=frozenset({"obg"}))) == []


# -- users ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", USER)
def test_every_declared_setting_of_a_user_comes_back(name: str):
    found = user("ob1", settings={name: "by hand"})

    change = only(diff(state(user("ob1")), state(found)))

    # A default sender can't be taken away by an update.
    anew = name == "mt_messaging_cred defaultvalue src_addr"
    assert change.action is (Action.REPLACE if anew else Action.UPDATE)
    assert [(f.name, f.actual, f.desired) for f in change.fields] == [(name, "by hand", USER[name])]


@pytest.mark.parametrize("name", ["gid", "username"])
def test_group_and_username_of_a_user_come_back(name: str):
    found = replace(user("ob1"), **{name: "byhand"})

    change = only(diff(state(user("ob1")), state(found)))

    assert change.action is Action.REPLACE
    assert [(f.name, f.actual) for f in change.fields] == [(name, "byhand")]


def test_a_users_password_comes_back_and_is_not_shown():
    change = only(diff(state(user("ob1")), state(user("ob1", password_differs=True))))

    assert change.action is Action.REPLACE
    assert [(f.name, f.actual, f.desired) for f in change.fields] == [("password", None, None)]
    assert "user-pw" not in repr(change)


def test_a_setting_that_is_not_declared_is_not_compared():
    found = user("ob1", settings={"mt_messaging_cred quota of_next_release": "7"})

    assert diff(state(user("ob1")), state(found)) == []


@pytest.mark.parametrize(
    ("wanted", "found", "action"),
    [(True, False, Action.ENABLE), (False, True, Action.DISABLE)],
)
def test_a_user_is_switched_as_wanted(wanted: bool, found: bool, action: Action):
    change = only(diff(state(user("ob1", enabled=wanted)), state(user("ob1", enabled=found))))

    assert change.action is action


def test_a_new_user_that_is_to_be_disabled_is_created_and_disabled():
    changes = diff(state(user("ob1", enabled=False)), state())

    assert [change.action for change in changes] == [Action.CREATE, Action.DISABLE]


def test_a_replaced_user_that_is_to_be_disabled_is_disabled_again():
    found = replace(user("ob1", enabled=False), gid="byhand")

    changes = diff(state(user("ob1", enabled=False)), state(found))

    assert [change.action for change in changes] == [Action.REPLACE, Action.DISABLE]


@pytest.mark.parametrize("found", [(), (user("ob1", enabled=False),)], ids=["missing", "differs"])
def test_a_username_that_is_not_ours_is_never_typed(found):
    wanted = state(user("ob1"))

    change = only(diff(wanted, state(*found, foreign_usernames=frozenset({"ob1"}))))

    assert change.action is Action.WITHHELD
    assert "not ours" in change.reason


# -- connectors -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(LIVE_KEYS & SETTINGS.keys()))
def test_a_live_setting_is_updated_in_place(name: str):
    found = bound("ob1", settings={name: "by hand"})

    change = only(diff(state(connector("ob1")), state(found)))

    assert (change.action, change.drops_bind) == (Action.UPDATE, False)
    assert [(f.name, f.actual, f.desired) for f in change.fields] == [
        (name, "by hand", SETTINGS[name])
    ]


@pytest.mark.parametrize("name", sorted(SETTINGS.keys() - LIVE_KEYS))
def test_any_other_setting_replaces_the_connector(name: str):
    found = bound("ob1", settings={name: "by hand"})

    change = only(diff(state(connector("ob1")), state(found)))

    assert (change.action, change.drops_bind) == (Action.REPLACE, True)
    assert change.resource == connector("ob1")


def test_a_setting_that_jasmin_no_longer_prints_differs():
    found = replace(bound("ob1"), settings={k: v for k, v in SETTINGS.items() if k != "host"})

    change = only(diff(state(connector("ob1")), state(found)))

    assert [(f.name, f.actual) for f in change.fields] == [("host", None)]


def test_a_password_replaces_the_connector_and_is_not_shown():
    change = only(diff(state(connector("ob1")), state(bound("ob1", password="by hand"))))

    assert change.action is Action.REPLACE
    assert [(f.name, f.actual, f.desired) for f in change.fields] == [("password", None, None)]
    assert "carrier" not in repr(change)
    assert "by hand" not in repr(change)


def test_a_live_and_another_setting_are_one_replacement():
    found = bound("ob1", settings={"port": "1", "coding": "8"})

    change = only(diff(state(connector("ob1")), state(found)))

    assert change.action is Action.REPLACE
    assert {field.name for field in change.fields} == {"port", "coding"}


def test_a_stopped_connector_is_started():
    change = only(diff(state(connector("ob1")), state(connector("ob1", running=False))))

    assert (change.action, change.drops_bind) == (Action.START, False)


def test_a_running_connector_that_is_to_rest_is_stopped():
    wanted = state(connector("ob1", running=False))

    assert only(diff(wanted, state(bound("ob1")))).drops_bind is True
    change = only(diff(wanted, state(connector("ob1"))))
    assert (change.action, change.drops_bind) == (Action.STOP, False)


def test_a_stopped_connector_with_a_live_difference_is_updated_and_started():
    found = connector("ob1", running=False, settings={"coding": "8"})

    changes = diff(state(connector("ob1")), state(found))

    assert [change.action for change in changes] == [Action.UPDATE, Action.START]


def test_a_replaced_connector_needs_no_start_of_its_own():
    found = connector("ob1", running=False, settings={"port": "1"})

    assert only(diff(state(connector("ob1")), state(found))).action is Action.REPLACE


def test_what_is_only_observed_is_not_compared():
    found = connector("ob1", session="UNBOUND", starts=7, stops=6)

    assert diff(state(connector("ob1")), state(found)) == []


def test_foreign_objects_are_in_no_change():
    foreign = dict.fromkeys(Kind, ("theirs",))

    assert diff(state(), state(foreign=foreign, foreign_usernames=frozenset({"theirs"}))) == []


# -- what only a launcher has -------------------------------------------------------------------

PEM = "Q0VSVElGSUNBVEU="


def test_a_key_replaces_the_connector_and_is_not_shown():
    wanted = state(connector("ob1", tls_key="c2VjcmV0"))

    change = only(diff(wanted, state(bound("ob1", tls_key="b2xk"))))

    assert (change.action, change.drops_bind) == (Action.REPLACE, True)
    assert [(f.name, f.actual, f.desired) for f in change.fields] == [("tls_key", None, None)]
    assert "c2VjcmV0" not in f"{change!r} {wanted!r} {change.resource!r}"


def test_certificates_are_shown_by_their_digests():
    wanted = state(connector("ob1", settings={"tls_ca": PEM, "tls_certificate": PEM}))
    found = state(connector("ob1", settings={"tls_ca": "None", "tls_certificate": PEM + PEM}))

    authority, ours = only(diff(wanted, found)).fields

    assert (authority.actual, authority.desired[:7]) == ("None", "sha256:")
    assert PEM not in f"{authority.desired} {ours.actual} {ours.desired}"
    assert ours.actual != ours.desired == authority.desired


@pytest.mark.parametrize(
    ("wanted", "action"), [("1400=31", Action.UPDATE), ("None", Action.REPLACE)]
)
def test_tlvs_change_in_place_but_a_null_can_not_be_typed(wanted: str, action: Action):
    changes = diff(
        state(connector("ob1", settings={"tlvs": wanted})),
        state(bound("ob1", settings={"tlvs": "1400=30"})),
    )

    assert only(changes).action is action
