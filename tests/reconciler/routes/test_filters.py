"""Routes and the filters that they are typed with, on the real Jasmin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from messaging.countries import COUNTRIES
from reconciler.jasmin.route_compiler import Member, compile_routes
from reconciler.jasmin.route_orders import LISTED
from reconciler.jcli import connectors, routes
from reconciler.jcli.commands import MAX_LINE
from reconciler.jcli.console import Console
from reconciler.loop import reconcile
from reconciler.state import Connector, Route

pytestmark = pytest.mark.stack


def test_a_route_whose_filter_is_refused_is_not_made_with_that_of_another(
    gateway, add_credential, console
):
    cid = add_credential().gateway_key
    reconcile(gateway, trigger="command")
    before = routes.read(console.ask(routes.LIST)[0])
    first = Route(LISTED, "obone", "^33", (cid, cid))
    broken = Route(LISTED + 1, "obtwo", "^[", (cid, cid))

    said = console.run_in_order([*routes.put(first), *routes.put(broken)])

    assert [outcome is None for outcome in said] == [True, True, True, True, False, False]
    assert "Unknown fid" in str(said[-1])
    assert set(routes.read(console.ask(routes.LIST)[0])) == {*before, first}


def test_no_filter_of_a_route_stays_in_the_session(console):
    typed = routes.drop_filters([LISTED])

    assert console.run_in_order(typed) == [None, None]
    assert console.ask("filter -l")[0] == ["Total Filters: 0"]


def test_routes_without_number_are_written_within_the_deadline_of_each_answer(jasmin, console):
    """Jasmin takes seconds for them, more than the console waits."""
    console.run(connectors.add(Connector("obone", running=False, password="secret")))
    pattern = rf"^\+?(?:{'1' * 3000})"
    wanted = [Route(LISTED + n, f"ob{n}", pattern, ("obone", "obone")) for n in range(200)]
    login = jasmin.jcli_host, jasmin.jcli_port, jasmin.jcli_username, jasmin.jcli_password

    with Console(*login, timeout=1) as hasty:
        said = hasty.run_in_order([command for route in wanted for command in routes.put(route)])

    assert not any(said)
    assert sorted(routes.read(console.ask(routes.LIST)[0]), key=lambda r: r.order) == wanted


def test_a_route_has_as_many_carriers_and_countries_as_there_are(stock_jasmin):
    """Jasmin's console has no limit of its own: our longest line is taken, and shown whole."""
    login = (stock_jasmin.jcli_host, stock_jasmin.jcli_port)
    person = (stock_jasmin.jcli_username, stock_jasmin.jcli_password)
    cid = "obabcdefghijklm"
    longest = (MAX_LINE - len("connectors ")) // len(f"smppc({cid});")
    everywhere = Member(cid, tuple(COUNTRIES))
    (wanted,) = compile_routes([], {"oborg": [everywhere]})
    wanted = replace(wanted, order=LISTED, connectors=(cid,) * longest)

    with Console(*login, *person, timeout=60) as console:
        console.run(connectors.add(Connector(cid, running=False, password="secret")))
        assert not any(console.run_in_order(routes.put(wanted)))
        assert routes.read(console.ask(routes.LIST)[0]) == [wanted]
