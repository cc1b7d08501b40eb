"""Routes and the filters that they are typed with, on the real Jasmin."""

from __future__ import annotations

import pytest

from reconciler.jcli import routes
from reconciler.loop import reconcile
from reconciler.orders import LISTED
from reconciler.state import Route

pytestmark = pytest.mark.stack


def test_a_route_whose_filter_is_refused_is_not_made_with_that_of_another(gateway, trunk, console):
    cid = trunk().gateway_key
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
