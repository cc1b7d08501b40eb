"""Routes that people changed in Jasmin by hand: ours come back, theirs stay and are named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.management import call_command

from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler.jasmin.route_orders import LISTED, PINNED, UNLISTED, block_of
from reconciler.jcli import routes
from reconciler.models import Run
from reconciler.result import Ending, Result
from reconciler.state import Route
from tests.reconciler.conftest import make_tenant
from tests.reconciler.passes import run
from tests.reconciler.routes.platform import Platform
from tests.reconciler.routes.rows import ACCESS_PASSWORD, give_access, make_carrier

pytestmark = pytest.mark.stack

FRANCE, BRAZIL = "33612345678", "5511961234567"
THEM = (("UserFilter", "uid them"),)


@dataclass(frozen=True)
class Table:
    """The table of routes, to change it by hand."""

    hand: Callable[..., list[str]]

    def rows(self) -> dict[int, Route]:
        answer = [line for line in self.hand(routes.LIST) if line.strip()]
        return {route.order: route for route in routes.read(answer)}

    def put(self, order: int, *cids: str, filters: tuple[tuple[str, str], ...], **other) -> None:
        """`filters`: (type, its argument). Other types than ours take `connector`."""
        for number, (kind, argument) in enumerate(filters):
            self.hand("filter -a", f"fid by-hand-{number}", f"type {kind}", argument, "ok")
        named = ";".join(f"smppc({cid})" for cid in cids)
        self.hand(
            "mtrouter -a",
            f"type {other.get('kind', routes.TYPE)}",
            f"order {order}",
            f"connector{'' if 'kind' in other else 's'} {named}",
            f"rate {other.get('rate', 0)}",
            f"filters {';'.join(f'by-hand-{number}' for number in range(len(filters)))}",
            "ok",
        )

    def put_as_ours(self, route: Route, **other) -> None:
        filters = [("UserFilter", f"uid {route.user}")]
        if route.pattern:
            filters.append(("DestinationAddrFilter", f"destination_addr {route.pattern}"))
        self.put(route.order, *route.connectors, filters=tuple(filters), **other)


@pytest.fixture
def table(hand) -> Table:
    return Table(hand)


@pytest.fixture
def other(gateway, credential: Credential, organization, add_credential, smsc, table) -> Credential:
    """France goes to `acme` (the fixture `credential`), and everything else to this one."""
    other = add_credential("other")
    give_access(organization)
    make_carrier(credential, ["FR"])
    make_carrier(other, ["*"])
    assert run(gateway).ending is Ending.APPLIED
    assert sorted(table.rows()) == [UNLISTED, LISTED, PINNED, PINNED + 1]
    return other


def repaired(gateway) -> Result:
    result = run(gateway)
    assert result.ending is Ending.APPLIED, result
    assert result.persisted
    assert run(gateway).ending is Ending.IN_SYNC
    return result


def done(result: Result) -> list[tuple[str, str]]:
    assert {entry["kind"] for entry in result.changes} <= {"route"}
    return [(entry["action"], entry["key"]) for entry in result.changes]


@pytest.fixture
def flows(jasmin, organization, smsc, other) -> Callable[[], None]:
    """Check that messages of the organisation's platform and of own users take the right way."""

    def flow() -> None:
        before = {name: len(smsc.system(name).submits) for name in ("acme", "other")}
        with Platform(jasmin, organization.gateway_key, ACCESS_PASSWORD) as bind:
            assert (bind.submit(FRANCE), bind.submit(BRAZIL)) == (0, 0)
        for name, number in (("acme", FRANCE), ("other", BRAZIL)):
            system = smsc.system(name)
            smsc.wait_for(lambda name=name, system=system: len(system.submits) > before[name])
            assert [each.destination_addr for each in system.submits[before[name] :]] == [number]

    return flow


@pytest.mark.parametrize("order", [PINNED, LISTED, UNLISTED])
def test_one_that_was_deleted_comes_back(gateway, other, table, flows, order):
    before = table.rows()
    table.hand(f"mtrouter -r {order}")

    assert done(repaired(gateway)) == [("create", str(order))]
    assert table.rows() == before
    flows()


def test_a_table_that_was_flushed_comes_back(gateway, other, table, flows):
    before = table.rows()
    table.hand("mtrouter -f")

    assert [action for action, _ in done(repaired(gateway))] == ["create"] * 4
    assert set(table.rows()) == set(before)
    flows()


def test_one_with_other_connectors_is_set_right_at_its_place(gateway, other, table, flows):
    before = table.rows()
    route = before[LISTED]
    table.put_as_ours(Route(LISTED, route.user, route.pattern, route.connectors[::-1]))

    assert done(repaired(gateway)) == [("replace", str(LISTED))]
    assert table.rows() == before
    flows()


def test_one_made_otherwise_makes_room_for_ours(gateway, other, table, flows):
    """Static: it would take messages for a bind that is down. With a rate: it would charge."""
    ours = table.rows()
    cid = ours[PINNED].connectors[0]
    static = Route(PINNED, cid, "", (cid,))
    table.put_as_ours(static, kind="StaticMTRoute")
    table.put_as_ours(ours[LISTED], rate="1.5")

    result = repaired(gateway)

    assert sorted(done(result)) == [
        ("create", str(LISTED + 1)),
        ("create", str(PINNED + 2)),
        ("delete", str(LISTED)),
        ("delete", str(PINNED)),
    ]
    assert contents(table.rows()) == contents(ours)
    flows()


def contents(table: dict[int, Route]) -> set[tuple]:
    return {
        (block_of(order), route.user, route.pattern, route.connectors)
        for order, route in table.items()
    }


def test_one_that_was_moved_to_where_it_loses_is_put_back(gateway, other, table, flows):
    ours = table.rows()
    route = ours[LISTED]
    table.hand(f"mtrouter -r {LISTED}")
    table.put_as_ours(Route(UNLISTED - 1, route.user, route.pattern, route.connectors))

    assert done(repaired(gateway)) == [("create", str(LISTED)), ("delete", str(UNLISTED - 1))]
    assert table.rows() == ours
    flows()


def test_one_that_was_moved_where_it_does_no_harm_stays(gateway, other, table, flows):
    route = table.rows()[LISTED]
    table.hand(f"mtrouter -r {LISTED}")
    table.put_as_ours(Route(LISTED + 7, route.user, route.pattern, route.connectors))

    assert run(gateway).ending is Ending.IN_SYNC
    flows()


@pytest.mark.parametrize("kind", [None, "StaticMTRoute"])
def test_one_that_takes_our_user_s_messages_elsewhere_is_removed(
    gateway, organization, other, table, flows, kind
):
    ours = table.rows()
    hijack = Route(
        9_000_000, organization.gateway_key, "", (other.gateway_key,) * (1 if kind else 2)
    )
    table.put_as_ours(hijack, **({"kind": kind} if kind else {}))

    result = repaired(gateway)

    assert done(result) == [("delete", "9000000")]
    assert table.rows() == ours
    flows()


def test_one_without_users_of_ours_stays_as_it_is_through_every_kind_of_pass(
    gateway, other, table, flows, hand
):
    hand("smppccm -a", "cid their-cid", "port 1", "username u", "password p", "ok")
    table.put(500, "their-cid", "their-cid", filters=THEM)
    table.put(400, "their-cid", filters=THEM, kind="StaticMTRoute")
    table.put(300, "their-cid", filters=(("GroupFilter", "gid theirs"),), kind="StaticMTRoute")
    theirs = {order: table.rows()[order] for order in (500, 400, 300)}

    result = run(gateway)
    assert result.ending is Ending.IN_SYNC
    assert not [warning for warning in result.warnings if "conflict" in warning]
    hand("mtrouter -r " + str(PINNED))
    Organization.objects.filter(pk=make_tenant(gateway).pk).delete()
    repaired(gateway)

    assert {order: table.rows()[order] for order in theirs} == theirs
    flows()


@pytest.mark.parametrize(("order", "through_ours"), [(LISTED + 50, False), (600, True)])
def test_one_of_others_among_our_orders_or_connectors_is_named_and_left(
    gateway, other, table, flows, hand, order, through_ours, capsys
):
    hand("smppccm -a", "cid their-cid", "port 1", "username u", "password p", "ok")
    cid = other.gateway_key if through_ours else "their-cid"
    table.put(order, cid, cid, filters=THEM)
    before = table.rows()
    said = f"conflict: route {order} is not ours"

    call_command("reconcile", plan=True)
    result = run(gateway)

    assert said in capsys.readouterr().out
    assert result.ending is Ending.IN_SYNC
    assert any(warning.startswith(said) for warning in result.warnings)
    assert table.rows() == before
    flows()


def test_one_of_others_at_a_place_of_ours_keeps_it_and_ours_has_another(
    gateway, other, table, flows, hand, capsys
):
    hand("smppccm -a", "cid their-cid", "port 1", "username u", "password p", "ok")
    ours = contents(table.rows())
    table.put(PINNED, "their-cid", "their-cid", filters=THEM)
    theirs = table.rows()[PINNED]
    said = f"conflict: route {PINNED} is not ours"

    with pytest.raises(SystemExit):  # changes are pending
        call_command("reconcile", plan=True)
    result = repaired(gateway)

    assert said in capsys.readouterr().out
    assert done(result) == [("create", str(PINNED + 2))]
    assert any(warning.startswith(said) for warning in Run.objects.get(pk=result.run_id).warnings)
    found = table.rows()
    assert found.pop(PINNED) == theirs
    assert contents(found) == ours
    flows()


def test_those_of_an_organisation_that_is_gone_go_with_it(gateway, other, organization, table):
    keep = make_tenant(gateway)
    Organization.objects.filter(pk=organization.pk).delete()

    result = run(gateway)

    assert result.ending is Ending.APPLIED, result
    kinds = [entry["kind"] for entry in result.changes if entry["action"] == "delete"]
    assert kinds == ["route"] * 4 + ["user"] * 3 + ["connector"] * 2 + ["group"]
    assert table.rows() == {}
    assert table.hand("group -l")[1:] == [f"#{keep.gateway_key:<16}", "Total Groups: 1"]
    assert run(gateway).ending is Ending.IN_SYNC


def test_a_jasmin_that_was_killed_and_lost_its_store_has_them_again(
    gateway, other, console, restart, smsc, flows
):
    before = set(routes.read(console.ask(routes.LIST)[0]))
    restart(None)

    result = run(gateway)

    assert result.ending is Ending.APPLIED
    assert [entry["action"] for entry in result.changes if entry["kind"] == "route"] == [
        "create"
    ] * 4
    smsc.wait_for(lambda: smsc.system("other").live_binds == smsc.system("acme").live_binds == 1)
    assert run(gateway).ending is Ending.IN_SYNC
    flows()
    assert len(before) == 4
