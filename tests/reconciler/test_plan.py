"""A plan is ordered, says what it leaves alone, and is refused when it looks like a mistake."""

from __future__ import annotations

import json

import pytest

from reconciler.diff import Action, diff
from reconciler.plan import as_data, make_plan, render
from reconciler.safety import unsafe_reason
from tests.reconciler.states import Group, Kind, account, bound, connector, state, user

GROUP = Group("obg")


def plan_of(wanted, found):
    return make_plan(diff(wanted, found), found)


def objects(count: int, first: int = 0):
    return [thing for n in range(first, count) for thing in account(f"ob{n:03}")]


def refusal(wanted, found, **options) -> str:
    return unsafe_reason(plan_of(wanted, found), wanted, found, **options)


# -- order ----------------------------------------------------------------------------------


def test_what_others_hang_on_is_made_first_and_removed_last():
    wanted = state(Group("obnew"), user("obnew", "obnew"), connector("obnew"))
    found = state(Group("obold"), user("obold", "obold"), bound("obold"))

    plan = plan_of(wanted, found)

    assert [(change.kind, change.key) for change in plan.changes] == [
        ("group", "obnew"),
        ("user", "obnew"),
        ("connector", "obnew"),
        ("user", "obold"),
        ("connector", "obold"),
        ("group", "obold"),
    ]


def test_a_user_is_replaced_before_it_is_disabled():
    sender = {"mt_messaging_cred defaultvalue src_addr": "ACME"}
    found = user("ob1", enabled=False, settings=sender)

    plan = plan_of(state(user("ob1", enabled=False)), state(found))

    assert [change.action for change in plan.changes] == [Action.REPLACE, Action.DISABLE]


def test_the_order_does_not_depend_on_the_order_of_the_rows():
    wanted = [GROUP, *objects(5)]

    assert plan_of(state(*wanted), state()) == plan_of(state(*reversed(wanted)), state())


def test_a_plan_names_the_binds_that_fall():
    found = state(GROUP, bound("ob1"), connector("ob2"), bound("ob3"))

    plan = plan_of(state(GROUP, connector("ob1", settings={"port": "1"})), found)

    assert plan.dropped_binds == ("ob1", "ob3")


def test_an_empty_plan_is_false():
    assert not plan_of(state(GROUP), state(GROUP))
    assert plan_of(state(GROUP), state())


# -- what is left alone -----------------------------------------------------------------------


def test_what_is_not_ours_is_named_and_left_alone():
    found = state(foreign={Kind.GROUP: (), Kind.USER: ("them",), Kind.CONNECTOR: ("a", "b")})

    plan = plan_of(state(), found)

    assert not plan
    assert plan.warnings == (
        "1 user(s) that are not ours are left alone: them",
        "2 connector(s) that are not ours are left alone: a, b",
    )


def test_of_many_foreign_objects_a_few_are_named():
    names = tuple(f"their{n}" for n in range(9))

    (warning,) = plan_of(state(), state(foreign={Kind.USER: names})).warnings

    assert warning.endswith("their0, their1, their2, their3, their4, …")
    assert warning.startswith("9 user(s)")


def test_what_is_withheld_is_a_warning_and_no_change():
    found = state(GROUP, foreign_members=frozenset({"obg"}))

    plan = plan_of(state(), found)

    assert not plan
    (warning,) = plan.warnings
    assert warning.startswith("group obg: not wanted, but it holds users that are not ours")


# -- safety -----------------------------------------------------------------------------------


def test_deleting_more_than_ten_and_more_than_thirty_percent_is_unsafe():
    said = refusal(state(GROUP, *objects(36, 11)), state(GROUP, *objects(36)))

    assert said == "11 of 36 users would be deleted (over 10 and over 30%)"


@pytest.mark.parametrize(
    ("deleted", "there"),
    [(10, 12), (11, 37), (1, 2), (300, 1000)],
    ids=["ten", "under 30 %", "few", "exactly 30 %"],
)
def test_deleting_few_or_a_small_part_is_safe(deleted: int, there: int):
    wanted = state(GROUP, *objects(there, deleted))

    assert refusal(wanted, state(GROUP, *objects(there))) == ""


def test_each_kind_is_counted_for_itself():
    groups = [Group(f"obg{n}") for n in range(12)]
    found = state(*groups, *objects(100))

    assert refusal(state(*objects(100)), found).startswith("12 of 12 groups")


def test_an_empty_desired_state_is_unsafe_however_little_there_is():
    said = refusal(state(), state(connector("ob1")))

    assert said == "nothing at all is wanted, but 1 objects of ours exist"


def test_an_empty_jasmin_and_an_empty_desired_state_are_safe():
    assert refusal(state(), state()) == ""


def test_deletions_that_people_asked_for_are_no_mistake():
    found = state(GROUP, *objects(36))
    asked = {f"ob{n:03}" for n in range(30)}

    assert refusal(state(GROUP, *objects(36, 30)), found, asked=asked) == ""
    assert refusal(state(GROUP, *objects(36, 30)), found, asked=list(asked)[:15])


def test_asking_for_everything_to_be_deleted_is_no_mistake():
    found = state(*objects(36))

    assert refusal(state(), found, asked={f"ob{n:03}" for n in range(36)}) == ""


def test_what_is_withheld_is_not_counted_as_deleted():
    groups = [Group(f"obg{n}") for n in range(20)]
    found = state(*groups, foreign_members=frozenset(group.gid for group in groups))

    assert refusal(state(GROUP), found) == ""


def test_replacing_everything_that_is_not_bound_is_safe():
    wanted = state(GROUP, *objects(40))
    found = state(GROUP, *[connector(f"ob{n:03}", settings={"port": "1"}) for n in range(40)])

    assert refusal(wanted, found) == ""


def bound_elsewhere(count: int):
    """Live binds to another port than the one that is wanted."""
    return [bound(f"ob{n:03}", settings={"port": "1"}) for n in range(count)]


def wanted_connectors(count: int):
    return [connector(f"ob{n:03}") for n in range(count)]


def test_dropping_more_than_ten_and_more_than_thirty_percent_of_the_live_binds_is_unsafe():
    found = state(*bound_elsewhere(11), *[bound(f"ob{n:03}") for n in range(11, 36)])

    said = refusal(state(*wanted_connectors(36)), found)

    assert said == "11 of 36 live binds would be dropped by replacement (over 10 and over 30%)"


def test_connectors_that_are_down_are_no_live_binds():
    found = state(*bound_elsewhere(11), *[connector(f"ob{n:03}") for n in range(11, 60)])

    assert refusal(state(*wanted_connectors(60)), found).startswith("11 of 11 live binds")


def test_dropping_few_or_a_small_part_of_the_live_binds_is_safe():
    few = state(*bound_elsewhere(10))
    part = state(*bound_elsewhere(11), *[bound(f"ob{n:03}") for n in range(11, 37)])

    assert refusal(state(*wanted_connectors(10)), few) == ""
    assert refusal(state(*wanted_connectors(37)), part) == ""


def test_binds_whose_settings_people_have_changed_are_no_mistake():
    found = state(*bound_elsewhere(20))
    changed = {f"ob{n:03}" for n in range(20)}

    assert refusal(state(*wanted_connectors(20)), found, changed=changed) == ""
    assert refusal(state(*wanted_connectors(20)), found, changed=list(changed)[:9])


def test_stopping_every_bind_is_no_replacement():
    found = state(*[bound(f"ob{n:03}") for n in range(20)])
    wanted = state(*[connector(f"ob{n:03}", running=False) for n in range(20)])

    assert refusal(wanted, found) == ""


# -- for people -------------------------------------------------------------------------------


def test_a_plan_as_json_has_no_secret():
    found = state(GROUP, user("ob1", password_differs=True), bound("ob1", password="by-hand"))
    plan = plan_of(state(GROUP, user("ob1"), connector("ob1")), found)

    text = json.dumps([as_data(change) for change in plan.changes])

    assert '"name": "password", "actual": null, "desired": null' in text
    assert not any(secret in text for secret in ("by-hand", "carrier", "user-pw"))


def test_a_plan_reads_line_by_line():
    found = state(GROUP, bound("ob1", password="by-hand"), connector("ob9"))
    wanted = state(GROUP, connector("ob1", settings={"port": "99"}), connector("ob2"))
    plan = plan_of(wanted, found)

    lines = list(render([as_data(change) for change in plan.changes], ["take care"]))

    assert lines == [
        "  ~ replace connector ob1              differs  (drops a live bind)",
        "        port: 2775 → 99",
        "        password: differs",
        "  + create  connector ob2              missing",
        "  - delete  connector ob9              not wanted",
        "  ! take care",
    ]


def test_a_plan_that_has_run_reads_with_what_became_of_it():
    change = as_data(plan_of(state(GROUP), state()).changes[0])

    lines = list(render([change | {"outcome": "failed", "error": "Jasmin said no"}], []))

    assert lines == [
        "  + create  group     obg              missing  → failed",
        "        failed: Jasmin said no",
    ]
