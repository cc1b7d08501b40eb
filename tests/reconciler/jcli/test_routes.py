"""Routes and their filters, as the real Jasmin 0.11.0 printed them."""

from __future__ import annotations

import pytest

from reconciler.jasmin.route_orders import LISTED, PINNED
from reconciler.jcli import routes
from reconciler.jcli.commands import MAX_LINE
from reconciler.jcli.errors import Garbled, Untypable
from reconciler.state import Route
from tests.reconciler.jcli.transcripts import load, reply

FRANCE = r"^\+?(?:33)"
ODD = r"""^\+?(?:33, |1(?!,)[^)>]{2} \)>, <U \(uid=obfour\)>$|;#'\"%s  \\x)"""
ONE, TWO = ("obone", "obone"), ("obone", "obtwo")
THEIRS = "their-connector-of-25-ch"


def listed() -> dict[int, Route]:
    return {route.order: route for route in routes.read(reply("routes/lists", routes.LIST))}


def answers(case: str, typed: str) -> list[tuple[str, ...]]:
    return [each.answer for each in load(case) if each.typed == typed]


def test_a_jasmin_without_routes_has_none():
    assert routes.read(reply("routes/none", routes.LIST)) == []


def test_what_is_listed_is_the_route_that_was_put_in():
    found = listed()

    assert found[3000000] == Route(3000000, "obone", "", ONE)
    assert found[1000000] == Route(1000000, "oborg", "", ("obtwo", "obtwo"))
    assert found[44] == Route(44, "them", FRANCE, (THEIRS, THEIRS))


def test_a_pattern_may_hold_what_rows_are_made_of():
    assert listed()[2000000] == Route(2000000, "oborg", ODD, TWO)


def test_more_connectors_than_the_column_is_wide():
    assert listed()[99999999] == Route(99999999, "oborg", FRANCE, (*TWO, *TWO, THEIRS))


@pytest.mark.parametrize(
    ("order", "user"),
    [
        (2000001, "oborg"),  # static
        (50, "oborg"),  # random round robin
        (49, "obone"),  # with a rate
        (48, "obone"),  # with one so small that it is printed as nothing
        (47, "obone"),  # with a filter more
        (46, "oborg"),  # with the user behind the destination
        (41, "obone"),  # with a text filter that looks like a user's
    ],
)
def test_one_of_a_user_that_is_not_made_as_ours_is_the_user_s_and_equals_none_of_ours(order, user):
    found = listed()[order]

    assert found.user == user
    assert found.pattern not in ("", FRANCE)


@pytest.mark.parametrize("order", [45, 43, 42, 0])
def test_a_route_without_a_user_filter_has_no_user(order):
    assert (listed()[order].user, listed()[order].pattern) == ("", "")


def test_every_row_is_read():
    assert sorted(listed(), reverse=True) == [
        *(99999999, 3000000, 2000001, 2000000, 1000000),
        *(50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 0),
    ]


def test_a_truncated_list_is_garbled():
    answer = reply("routes/lists", routes.LIST)

    for length in range(len(answer)):
        with pytest.raises(Garbled):
            routes.read(answer[:length])


@pytest.mark.parametrize(
    "row",
    [
        "#",
        "#3000000",
        "#3000000 FailoverMTRoute",
        "#3000000 FailoverMTRoute 0 (!)",
        "#3000000 FailoverMTRoute 0 (!) smppc()",
        "#3000000 FailoverMTRoute 0 (!) smppc(obone), smppc(ob",
        "#3000000 FailoverMTRoute 0 (!) smppc(obone), smppc(obone) <U (uid=obone)",
        "#three   FailoverMTRoute 0 (!) smppc(obone), smppc(obone) <U (uid=obone)>",
    ],
)
def test_a_row_that_lost_something_is_garbled(row: str):
    with pytest.raises(Garbled):
        routes.read([row, "Total MT Routes: 1"])


def test_a_route_is_typed_as_jasmin_took_it():
    typed = [each.typed for each in load("routes/puts")]
    said = {line for each in load("routes/puts") for line in each.answer}
    for route in (
        Route(PINNED, "obone", "", ONE),
        Route(LISTED, "oborg", FRANCE, TWO),
        Route(LISTED, "oborg", FRANCE, TWO[::-1]),
    ):
        commands = routes.put(route)
        lines = [line for command in commands for line in command.lines]
        start = typed.index(f"connectors {';'.join(f'smppc({cid})' for cid in route.connectors)}")
        end = start + 4  # rate, filters, ok
        assert typed[end - len(lines) : end] == lines
        assert {command.success for command in commands} <= said


def test_a_route_at_a_used_order_takes_its_place():
    first, second, _ = (routes.read(each) for each in answers("routes/puts", routes.LIST))

    assert [route.order for route in first] == [route.order for route in second]
    assert [route.connectors for route in first] == [ONE, TWO]
    assert [route.connectors for route in second] == [ONE, TWO[::-1]]


def test_filters_leave_the_session_with_their_route_staying():
    commands = routes.drop_filters([LISTED, PINNED])

    for command in commands[:3]:
        assert answers("routes/puts", command.lines[0]) == [(command.success,)]
    assert len(answers("routes/puts", routes.LIST)[1]) == 4
    assert reply("routes/puts", "filter -l") == ["Total Filters: 0"]


def test_a_filter_that_is_not_there_needs_no_removal():
    command = routes.drop_filters([PINNED])[0]

    assert tuple(reply("routes/failures", command.lines[0])) == command.also


def test_a_route_that_is_gone_already_needs_no_removal():
    command = routes.remove(PINNED)

    assert answers("routes/puts", command.lines[0]) == [(command.success,)]
    assert tuple(reply("routes/failures", command.lines[0])) == command.also


def test_a_route_of_more_carriers_than_a_gateway_holds_is_one_line():
    cids = tuple(f"obcarrier{number:05}" for number in range(20_000))

    *_, command = routes.put(Route(LISTED, "oborg", FRANCE, cids))

    (line,) = [line for line in command.lines if line.startswith("connectors ")]
    assert line == "connectors " + ";".join(f"smppc({cid})" for cid in cids)


def test_what_is_refused_is_not_success():
    """A broken pattern, a filter or connector that is not there, one connector only."""
    refused = answers("routes/failures", "ok")[1:]
    broken = Route(PINNED, "obone", "^[", ONE)

    assert len(refused) == 4
    assert all(said[0].startswith("You must set these options") for said in refused)
    assert not {(command.success,) for command in routes.put(broken)} & set(refused)
    assert routes.read(reply("routes/failures", routes.LIST)) == []


@pytest.mark.parametrize(
    "route",
    [
        Route(PINNED, "obone", "^33\nok", ONE),
        Route(PINNED, "obone", "^33é", ONE),
        Route(PINNED, "obone", "^33 ", ONE),
        Route(PINNED, "obone", "9" * MAX_LINE, ONE),
        Route(PINNED, "ob one", "", ONE),
        Route(PINNED, "", "", ONE),
        Route(PINNED, "obone", "", ("obone", "ob);smppc(x")),
    ],
)
def test_what_would_mean_something_else_in_the_console_is_not_typed(route: Route):
    with pytest.raises(Untypable):
        routes.put(route)
