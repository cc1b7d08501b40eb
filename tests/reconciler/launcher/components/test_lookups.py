"""Look-ups in the place of Jasmin's walks: the same answers as its own tables and router give."""

from __future__ import annotations

from tests.reconciler.launcher.jasmin_python import run

ROUTES = """
import pickle, random
from jasmin.routing.Filters import DestinationAddrFilter, GroupFilter, TransparentFilter, UserFilter
from jasmin.routing.Routables import RoutableSubmitSm
from jasmin.routing.Routes import DefaultRoute, StaticMTRoute
from jasmin.routing.RoutingTables import InvalidRoutingTableParameterError, MTRoutingTable
from jasmin.routing.jasminApi import Group, SmppClientConnector, User
from smpp.pdu.operations import SubmitSM
from reconciler.launcher.components.route_table import RouteTable

random.seed(7)
group = Group("g")
users = [User(f"u{n}", group, f"u{n}", "pw") for n in range(5)]
link = SmppClientConnector("car")

def route():
    filters = [UserFilter(random.choice(users))] if random.random() < 0.7 else [GroupFilter(group)]
    if random.random() < 0.5:
        filters.append(DestinationAddrFilter(f"^{random.randrange(3)}"))
    if random.random() < 0.2:
        filters = [TransparentFilter()]
    random.shuffle(filters)
    return StaticMTRoute(filters, link, 0.0)

ours, theirs = RouteTable(), MTRoutingTable()
for turn in range(600):
    order = random.randrange(40)
    if random.random() < 0.3:
        assert ours.remove(order) == theirs.remove(order)
    else:
        new = DefaultRoute(link, 0.0) if order == 0 else route()
        ours.add(new, order), theirs.add(new, order)
    assert ours.getAll() == theirs.getAll()
    asked = RoutableSubmitSm(
        SubmitSM(destination_addr=b"%d" % random.randrange(4)), random.choice(users)
    )
    assert ours.getRouteFor(asked) is theirs.getRouteFor(asked), (turn, ours.table)

for order, wrong in ((0, route()), (-1, route()), ("1", route()), (3, "no route")):
    try:
        ours.add(wrong, order)
    except InvalidRoutingTableParameterError:
        continue
    raise AssertionError((order, wrong))
assert ours.getAll() == theirs.getAll()

kept = pickle.loads(pickle.dumps(ours, 2))
assert type(kept) is MTRoutingTable, "a stock Jasmin loads it"
assert [list(row) for row in kept.getAll()] == [list(row) for row in ours.getAll()]
ours.flush()
assert ours.getAll() == [] and ours.getRouteFor(asked) is None
print("as Jasmin's")
"""

ROUTER = """
import pickle
from jasmin.routing.configs import RouterPBConfig
from jasmin.routing.jasminApi import Group, User
from reconciler.launcher.components.router import Realm, Router

router = Router(RouterPBConfig(), persistenceTimer=False)
group, other = Group("g"), Group("h")

def add(user):
    return router.perspective_user_add(pickle.dumps(user))

assert not add(User("u1", group, "n1", "pw"))
for each in (group, other):
    assert router.perspective_group_add(pickle.dumps(each))
assert all(add(User(f"u{n}", group, f"n{n}", "pw")) for n in range(4))

# A user takes the place of those with its uid or its username.
assert add(User("u1", group, "n9", "pw")) and add(User("u8", group, "n2", "pw"))
assert sorted((each.uid, each.username) for each in router.users) == [
    ("u0", "n0"), ("u1", "n9"), ("u3", "n3"), ("u8", "n2"),
]
assert router.authenticateUser("n1", "pw") is None
assert router.authenticateUser("n2", "pw").uid == "u8"
assert router.authenticateUser("n2", "wrong") is None
assert pickle.loads(router.authenticateUser("n2", "pw", True)).uid == "u8"
assert router.authenticate("n9", "pw").uid == "u1"
assert Realm("", router).requestAvatar("n9", None)[1].uid == "u1"
assert Realm("", router).requestAvatar("nobody", None)[1] is None

# A disabled user, or group, is nobody.
assert router.perspective_user_disable("u1") and router.authenticate("n9", "pw") is None
assert router.perspective_user_enable("u1") and router.authenticate("n9", "pw")
assert router.perspective_group_disable("g") and router.authenticate("n9", "pw") is None
assert router.perspective_group_enable("g") and router.authenticate("n9", "pw")
assert not router.perspective_user_disable("u2") and not router.perspective_group_enable("x")

# What is taken away is not found, and a group takes its users with it.
assert add(User("u7", other, "n7", "pw"))
assert router.perspective_user_remove("u0") and not router.perspective_user_remove("u0")
assert router.getUser("u0") is None and router.user_named("n0") is None
assert router.perspective_group_remove("g") and not router.perspective_group_remove("g")
assert [each.uid for each in router.users] == ["u7"] == router.users_of("h")
assert router.authenticate("n9", "pw") is None
assert [each.gid for each in router.groups] == ["h"]

# What is loaded is found.
router.users = pickle.loads(pickle.dumps(router.users))
assert router.authenticate("n7", "pw").uid == "u7"
assert router.perspective_group_remove_all() and router.users == [] == router.groups
print("as Jasmin's")
"""


def test_the_table_of_routes_answers_as_jasmins(tmp_path) -> None:
    done = run(ROUTES, STORE_PATH=str(tmp_path), LOG_PATH=str(tmp_path))

    assert done.stdout.strip() == "as Jasmin's", done.stderr


def test_the_router_answers_as_jasmins(tmp_path) -> None:
    done = run(ROUTER, STORE_PATH=str(tmp_path), LOG_PATH=str(tmp_path))

    assert done.stdout.strip() == "as Jasmin's", done.stderr
