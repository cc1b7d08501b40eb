"""Every list, with nothing, a little and a lot in it, under a fixed number of queries."""

from __future__ import annotations

import pytest

from tests.orbit.console.scenery import build

MAX_QUERIES = 14
LISTS = [
    "messaging/credential", "messaging/carrier", "messaging/carriertest", "messaging/access",
    "reconciler/run", "reconciler/bindchange", "messaging/notice",
    "messaging/message", "messaging/campaign", "messaging/webhook", "messaging/strayreceipt",
    "messaging/inboundmessage", "messaging/ownnumber", "messaging/optout",
    "messaging/senderpool", "reconciler/gateway", "reconciler/placement", "accounts/organization",
    "accounts/member", "accounts/apikey", "accounts/auditevent", "accounts/user",
]  # fmt: skip
FINDING = [
    "messaging/credential/?trouble=yes", "messaging/credential/?q=orange",
    "messaging/credential/?status__bind_state__exact=bound&p=2",
    "messaging/carrier/?credential__status__bind_state__exact=unbound",
    "reconciler/bindchange/?state__exact=bound", "reconciler/bindchange/?q=orange",
    "reconciler/run/?state__exact=failed", "accounts/auditevent/?outcome=ok",
    "accounts/apikey/?revoked_at__isempty=1",
    "messaging/message/?created=any&status__exact=failed", "messaging/message/?q=%2B33600000001",
    "messaging/message/?carrier__isempty=1", "messaging/campaign/?status__exact=paused&q=spring",
    "messaging/strayreceipt/?kind__exact=unknown_form",
    "messaging/inboundmessage/?created=any&number__isempty=1",
    "messaging/inboundmessage/?q=%2B33600000002&complete__exact=1",
    "messaging/inboundmessage/?answer=failed", "messaging/ownnumber/?route__exact=both&q=38",
    "messaging/optout/?source__exact=import&q=%2B33600000008",
    "console/conversations/?q=%2B33600000002",
    "messaging/webhook/?last_failure_at__isempty=0&q=orders",
]  # fmt: skip
PAGES = [
    "/admin/console/reconcile/",
    "/admin/console/routes/",
    "/admin/console/chains/",
    "/admin/console/rates/",
    "/admin/console/conversations/",
    "/admin/console/waiting/",
    "/admin/console/usage/",
    "/admin/console/notices/",
]
PATHS = [*PAGES, *(f"/admin/{each}/" for each in LISTS), *(f"/admin/{each}" for each in FINDING)]


@pytest.mark.parametrize("rows", [0, 10, 120])
def test_a_list_takes_few_queries_whatever_is_in_it(operator, rows, django_assert_max_num_queries):
    build(rows)
    for path in PATHS:
        with django_assert_max_num_queries(MAX_QUERIES, info=path):
            answer = operator.get(path)
        assert answer.status_code == 200, path


def test_numbers_of_home_lead_to_what_they_count(operator):
    build(40)
    context = operator.get("/admin/").context
    tiles = [*context["binds"], *context["syncs"], *context["run_counts"]]
    assert len(tiles) == 10
    for tile in tiles:
        found = operator.get(tile["url"]).context["cl"]
        assert (tile["state"], found.result_count) == (tile["state"], tile["count"])
    trouble = operator.get("/admin/messaging/credential/?trouble=yes").context["cl"]
    assert trouble.result_count == context["trouble_count"] > 0


def test_numbers_of_the_charts_lead_to_what_they_count(operator):
    build(40)
    context = operator.get("/admin/").context
    (backup, main) = context["pass_charts"]
    assert (backup["passes"], main["passes"]) == (288, 288)
    numbers = [context["bind_changes"], main["runs"], backup["runs"]]
    found = [operator.get(each["url"]).context["cl"].result_count for each in numbers]
    assert found == [each["count"] for each in numbers]
    assert found[:2] != [0, 0]

    spots = [spot for spot in context["bind_chart"].spots if spot.url]
    assert 3 < len(spots) < 96
    counts = [operator.get(spot.url).context["cl"].result_count for spot in spots]
    assert sum(counts) == context["bind_changes"]["count"]


@pytest.mark.parametrize("name", ["messaging/message", "reconciler/run", "messaging/webhook"])
def test_an_empty_list_offers_only_what_can_be_done(operator, administrator, name):
    for client in (operator, administrator):
        text = client.get(f"/admin/{name}/?q=nothing").text
        assert "Nothing found" in text
        assert "new item" not in text
        assert "Reset search and filters" in text
        assert f"/admin/{name}/add/" not in text


def test_an_empty_list_that_can_be_added_to_says_so(administrator):
    assert (
        'href="/admin/reconciler/gateway/add/"'
        in administrator.get("/admin/reconciler/gateway/?q=nothing").text.partition(
            "Nothing found"
        )[2]
    )


@pytest.mark.parametrize("name", ["message", "carrier", "credential", "campaign"])
@pytest.mark.parametrize("query", ["organization__id__exact=%00", "q=0612345678%00"])
def test_a_nul_in_a_filter_is_answered_with_the_list(operator, name, query):
    answer = operator.get(f"/admin/messaging/{name}/?{query}", follow=True)

    assert answer.status_code == 200
    assert "\0" not in answer.text
