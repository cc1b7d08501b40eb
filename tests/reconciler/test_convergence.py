"""Whatever Jasmin holds, whatever is wanted: one pass makes it so, a second finds nothing."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import actual, executor
from reconciler.diff import Action, diff
from reconciler.jasmin.route_orders import LISTED, PINNED, UNLISTED
from reconciler.plan import make_plan
from reconciler.state import Group, Route, State, is_ours
from tests.reconciler.model import ModelJasmin
from tests.reconciler.model_objects import CONNECTOR, Account, Link, Way
from tests.reconciler.states import SETTINGS, connector, state, user

GIDS, KEYS = ("obg1", "obg2", "obg3"), ("ob01", "ob02", "ob03", "ob04")
FOREIGN_GIDS, FOREIGN_KEYS = ("theirs1", "theirs2"), ("their01", "their02")
PASSWORDS = st.sampled_from(["s3cr;t#1", "s3cr;t#2"])
PATTERNS = st.sampled_from(["", "^\\+?(?:33|44)", "^\\+?(?:1(?!242))"])
# One that is updated in place, one that replaces the connector, one that holds a space.
CHANGED = st.dictionaries(
    st.sampled_from(["submit_throughput", "port", "systype", "coding"]), st.just("7 7"), max_size=2
)


@st.composite
def wanted_states(draw: st.DrawFn) -> State:
    gids = draw(st.lists(st.sampled_from(GIDS), unique=True))
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True)) if gids else []
    accounts, routes = [], []
    for key in keys:
        gid, enabled = draw(st.sampled_from(gids)), draw(st.booleans())
        accounts.append(user(key, gid, enabled=enabled, password=draw(PASSWORDS)))
        if draw(st.booleans()):
            running, password = draw(st.booleans()), draw(PASSWORDS)
            accounts.append(connector(key, running=running, password=password))
            routes.append(Route(PINNED, key, "", (key, key)))
    cids = [route.user for route in routes]
    for gid, pattern in draw(st.sets(st.tuples(st.sampled_from(GIDS), PATTERNS), max_size=3)):
        if cids:
            through = tuple(draw(st.permutations(cids))) * (2 if len(cids) == 1 else 1)
            routes.append(Route(LISTED if pattern else UNLISTED, gid, pattern, through))
    return state(*(Group(gid) for gid in gids), *accounts, routes=tuple(routes))


@st.composite
def ways(draw: st.DrawFn, cids: list[str]) -> Way:
    """A route made by hand: as ours are, or not, for one of our users or not."""
    order = draw(st.sampled_from([7, 20, UNLISTED, LISTED, LISTED + 1, PINNED, PINNED + 2]))
    kind = draw(st.sampled_from(["FailoverMTRoute", "FailoverMTRoute", "RandomRoundrobinMTRoute"]))
    through = tuple(draw(st.lists(st.sampled_from(cids), min_size=2, max_size=3)))
    user, pattern = draw(st.sampled_from(KEYS + GIDS + FOREIGN_KEYS)), draw(PATTERNS)
    filters = [f"<U (uid={user})>", *([f"<DA (dst_addr={pattern})>"] if pattern else [])]
    filters = draw(st.one_of(st.just(filters), st.permutations(filters), st.just(["<T>"])))
    return Way(order, kind, through, tuple(filters))


@st.composite
def jasmins(draw: st.DrawFn) -> ModelJasmin:
    model = ModelJasmin()
    model.groups = draw(st.dictionaries(st.sampled_from(GIDS + FOREIGN_GIDS), st.booleans()))
    usernames = list(draw(st.permutations(KEYS + FOREIGN_KEYS)))
    for uid in draw(st.lists(st.sampled_from(KEYS + FOREIGN_KEYS), unique=True)):
        if model.groups:
            gid = draw(st.sampled_from(sorted(model.groups)))
            account = Account(uid, gid, usernames.pop(), draw(PASSWORDS), draw(st.booleans()))
            if draw(st.booleans()):
                account.settings["mt_messaging_cred valuefilter content"] = "^by hand$"
            model.users[uid] = account
    for cid in draw(st.lists(st.sampled_from(KEYS + FOREIGN_KEYS), unique=True)):
        values = CONNECTOR | SETTINGS | {"password": draw(PASSWORDS)} | draw(CHANGED)
        model.connectors[cid] = Link(cid, values, running=draw(st.booleans()))
    if model.connectors:
        for way in draw(st.lists(ways(sorted(model.connectors)), max_size=4)):
            model.routes[way.order] = way
    return model


def apply(wanted: State, model: ModelJasmin, *, dies_after: int | None = None) -> executor.Outcomes:
    """Apply the difference; `dies_after`: Jasmin hangs up after so many lines of that."""
    found = actual.read(model.console())
    plan = make_plan(diff(wanted, found), found)
    model.dies_at = None if dies_after is None else len(model.typed) + dies_after
    try:
        return executor.apply(plan, model.console(), model.console)
    finally:
        model.dies_at = None


def left(wanted: State, model: ModelJasmin) -> list[str]:
    """Return what still differs, without what is left alone for foreign objects."""
    changes = diff(wanted, actual.read(model.console()))
    return [str(change) for change in changes if change.action is not Action.WITHHELD]


def foreign(model: ModelJasmin) -> str:
    """Return all foreign objects."""
    return repr(
        [
            [row for row in model.groups.items() if row[0] in FOREIGN_GIDS],
            [model.users.get(uid) for uid in FOREIGN_KEYS],
            [model.connectors.get(cid) for cid in FOREIGN_KEYS],
            [way for way in model.routes.values() if not is_ours(owner(way))],
        ]
    )


def owner(way: Way) -> str:
    """Return the only user of the route's messages, however the route is made."""
    users = (re.fullmatch(r"<U \(uid=(\w+)\)>", each) for each in way.filters)
    return next((user.group(1) for user in users if user), "")


@settings(max_examples=100, deadline=None)
@given(wanted=wanted_states(), model=jasmins())
def test_applying_the_difference_leaves_none_and_touches_nothing_foreign(wanted, model):
    theirs = foreign(model)

    outcomes = apply(wanted, model)

    assert not any(outcomes.values()), outcomes
    assert left(wanted, model) == []
    assert foreign(model) == theirs
    assert not [line for line in model.typed if any(key in line for key in FOREIGN_KEYS)]
    for key, one in wanted.connectors.items():
        assert model.connectors[key].running is one.running
        assert model.connectors[key].settings["password"] == one.password


@settings(max_examples=60, deadline=None)
@given(wanted=wanted_states(), model=jasmins(), dies_after=st.integers(0, 60))
def test_a_pass_that_is_cut_anywhere_is_finished_by_the_next(wanted, model, dies_after):
    theirs = foreign(model)

    outcomes = apply(wanted, model, dies_after=dies_after)

    assert any(outcomes.values()) or left(wanted, model) == []
    assert not any(apply(wanted, model).values())
    assert left(wanted, model) == []
    assert foreign(model) == theirs


@settings(max_examples=30, deadline=None)
@given(wanted=wanted_states())
def test_what_was_made_reads_as_it_was_wanted(wanted: State):
    model = ModelJasmin()

    apply(wanted, model)
    found = actual.read(model.console())

    assert found.groups == wanted.groups
    assert found.users.keys() == wanted.users.keys()
    assert found.connectors.keys() == wanted.connectors.keys()
    model.typed.clear()
    apply(wanted, model)
    assert [line for line in model.typed if " -l" not in line and " -s " not in line] == [
        line for line in model.typed if line.startswith(("stats", "sync_"))
    ]
