"""`GET …/{id}/preview`: what it says, and that it only looks."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.pools.models import StickySender
from tests.messaging.callers import data, refusal
from tests.messaging.carriers.conftest import make_credential
from tests.messaging.pools.conftest import (
    AMERICA,
    FRANCE,
    A,
    B,
    C,
    audit_rows,
    roster,
    stored,
    take_sender,
)  # fmt: skip


def selected(preview: dict) -> str | None:
    return preview["selected"]["sender"] if preview["selected"] else None


def reasons(preview: dict) -> dict[str, str]:
    return {each["sender"]: each["reason"] for each in preview["candidates"]}


def test_it_says_who_would_send_and_why(api, carriers, organization):
    bound = make_credential(organization, bind_state="bound")
    carrier_id = carriers.add(credential_id=bound.id)
    off = {"sender": B, "enabled": False}
    abroad = {"sender": C, "countries": ["BE", "CH"]}
    pool_id = api.add(off, abroad, A, "ACME", carrier_ids=[carrier_id])
    ids = {sender: member["id"] for sender, member in api.members(pool_id).items()}

    assert api.preview(pool_id, count=3) == {
        "destination": FRANCE,
        "country": "FR",
        "selected": {"member_id": ids[A], "sender": A, "type": "long_code"},
        "step": "strategy",
        "carrier": {"id": carrier_id, "name": "Orange FR", "bound": True},
        "candidates": [
            {"member_id": ids[B], "sender": B, "eligible": False, "reason": "disabled"},
            {
                "member_id": ids[C],
                "sender": C,
                "eligible": False,
                "reason": "sends to BE, CH only",
            },
            {"member_id": ids[A], "sender": A, "eligible": True, "reason": "eligible"},
            {"member_id": ids["ACME"], "sender": "ACME", "eligible": True, "reason": "eligible"},
        ],
        "next": [A, "ACME", A],
        "note": None,
    }


def test_nobody_may_send_there(api):
    pool_id = api.add("ACME", {"sender": A, "enabled": False, "countries": ["FR"]})
    preview = api.preview(pool_id, AMERICA, count=5)
    assert (preview["selected"], preview["step"], preview["next"]) == (None, None, [])
    assert reasons(preview) == {
        "ACME": "US refuses alphanumeric senders",
        A: "disabled; sends to FR only",
    }
    assert "NO_ELIGIBLE_SENDER" in preview["note"]


def test_a_pool_without_members_says_so(api):
    preview = api.preview(api.add())
    assert (preview["selected"], preview["candidates"], preview["next"]) == (None, [], [])
    assert preview["note"].startswith("The pool has no members.")


def test_a_number_of_no_country_takes_those_of_any(api):
    pool_id = api.add({"sender": A, "countries": ["FR"]}, "ACME")
    preview = api.preview(pool_id, "+80012345678")
    assert preview["country"] is None
    assert selected(preview) == "ACME"
    assert reasons(preview)[A] == "sends to FR only"


def test_a_country_that_wants_names_registered_is_told_of(api):
    preview = api.preview(api.add("ACME"), "+6581234567")
    assert selected(preview) == "ACME"
    assert "SG wants alphanumeric senders to be registered" in reasons(preview)["ACME"]


def test_it_changes_nothing_and_reserves_nothing(api):
    pool_id = api.add(A, B, sticky=True)
    before = stored(pool_id).__dict__ | {"_state": None}
    with CaptureQueriesContext(connection) as queries:
        first = api.preview(pool_id, count=100)
        assert api.preview(pool_id, count=100) == first
    assert not any("messaging_" in q["sql"] for q in queries if not q["sql"].startswith("SELECT"))
    assert stored(pool_id).__dict__ | {"_state": None} == before
    assert StickySender.objects.count() == 0
    assert len(audit_rows()) == 1


@pytest.mark.parametrize("strategy", ["round_robin", "weighted", "random", "least_recently_used"])
@pytest.mark.parametrize("sticky", [False, True])
def test_the_next_choices_are_those_that_were_named(api, strategy, sticky):
    senders = [{"sender": A, "weight": 5}, B, C]
    pool_id = api.add(*senders, strategy=strategy, sticky=sticky)
    take_sender(roster(pool_id), "+33639980009")
    named = api.preview(pool_id, count=20)["next"]
    assert len(named) == 20
    assert len(set(named)) == (1 if sticky else 3)
    pool = roster(pool_id)
    assert [take_sender(pool, FRANCE).member.sender for _ in range(20)] == named


def test_smooth_weighted_round_robin_is_the_well_known_one(api):
    senders = [{"sender": A, "weight": 5}, {"sender": B, "weight": 1}, {"sender": C, "weight": 1}]
    preview = api.preview(api.add(*senders, strategy="weighted"), count=14)
    assert preview["next"] == [A, A, B, A, C, A, A] * 2


def test_sticky_is_the_step_once_there_is_a_mapping(api):
    pool_id = api.add(A, B, sticky=True)
    assert api.preview(pool_id)["step"] == "strategy"
    take_sender(roster(pool_id), FRANCE)
    preview = api.preview(pool_id, count=3)
    assert (preview["step"], selected(preview), preview["next"]) == ("sticky", A, [A] * 3)
    assert selected(api.preview(pool_id, "+33639980002")) == B


@pytest.mark.parametrize("count", ["0", "101", "x", "1.5", ""])
def test_count_is_1_to_100(api, count):
    answer = api.get(f"/{api.add()}/preview?destination=%2B33639980001&count={count}")
    assert refusal(answer, 422, "VALIDATION_ERROR")["details"]["field"] == "count"


@pytest.mark.parametrize("destination", ["", "x", "33639980001", "%2B1234", "%2B999123456789"])
def test_what_is_no_phone_number(api, destination):
    answer = api.get(f"/{api.add()}/preview?destination={destination}")
    error = refusal(answer, 422, "INVALID_PHONE_NUMBER")
    assert error["details"]["field"] == "destination"


def test_a_destination_has_to_be_there_and_nothing_else_may_be(api):
    pool_id = api.add()
    error = refusal(api.get(f"/{pool_id}/preview"), 422, "MISSING_REQUIRED_FIELD")
    assert error["details"]["field"] == "destination"
    answer = api.get(f"/{pool_id}/preview?destination=%2B33639980001&limit=1")
    assert refusal(answer, 422, "VALIDATION_ERROR")["details"]["field"] == "limit"


@pytest.mark.parametrize("plus", ["+", "%20", "%2B"])
def test_a_plus_that_nobody_escaped_is_understood(api, plus):
    answer = api.get(f"/{api.add()}/preview?destination={plus}33639980001")
    assert data(answer)["destination"] == FRANCE


def test_it_is_read_only(api):
    pool_id = api.add()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert api.call(method, f"/{pool_id}/preview").status_code == 405


def test_it_takes_the_same_queries_however_many_members_there_are(api, carriers):
    def queries_of(count: int) -> int:
        pool_id = api.add(*(f"Shop {n}" for n in range(count)), carrier_ids=[carriers.add()])
        with CaptureQueriesContext(connection) as queries:
            assert len(api.preview(pool_id, count=100)["candidates"]) == count
        return len(queries)

    queries_of(1)
    assert queries_of(50) == queries_of(2)


class TestCarriers:
    """The carrier that would take the message: the first bound one in the order of carriers."""

    @pytest.fixture
    def credential(self, organization):
        return lambda state: make_credential(organization, bind_state=state).id

    def carrier(self, api, pool_id: str, destination: str = FRANCE, **query) -> str | None:
        found = api.preview(pool_id, destination, **query)["carrier"]
        return found and found["id"]

    def test_bound_ones_come_first(self, api, carriers, credential):
        first = carriers.add(credential_id=credential("unbound"))
        second = carriers.add(credential_id=credential("bound"), fallback_order=2)
        third = carriers.add(credential_id=credential("bound"), countries=["*"])
        assert self.carrier(api, api.add(A, carrier_ids=[first, second, third])) == second
        assert self.carrier(api, api.add(A, carrier_ids=[first, third])) == third

    def test_while_none_is_bound_the_first_is_named_and_the_wait(self, api, carriers):
        second = carriers.add(quality=1)
        first = carriers.add()
        preview = api.preview(api.add(A, carrier_ids=[second, first]))
        assert preview["carrier"] == {"id": first, "name": "Orange FR", "bound": False}
        assert "would wait" in preview["note"]

    def test_a_pool_that_is_attached_to_none_has_all(self, api, carriers):
        carrier_id = carriers.add()
        assert self.carrier(api, api.add(A)) == carrier_id

    def test_a_pool_that_is_attached_has_no_other(self, api, carriers):
        carriers.add()
        attached = carriers.add(countries=["US"])
        pool_id = api.add(A, carrier_ids=[attached])
        preview = api.preview(pool_id)
        assert preview["carrier"] is None
        assert "NO_ROUTE" in preview["note"]
        assert selected(preview) == A
        assert self.carrier(api, pool_id, AMERICA) == attached

    def test_one_can_be_asked_for(self, api, carriers):
        first, second, other = carriers.add(), carriers.add(), carriers.add()
        pool_id = api.add(A, carrier_ids=[first, second])
        assert self.carrier(api, pool_id) == first
        assert self.carrier(api, pool_id, carrier_id=second) == second
        assert self.carrier(api, pool_id, carrier_id=other) is None
        assert self.carrier(api, api.add(A), carrier_id=other) == other

    @pytest.mark.parametrize("change", [{"enabled": False}, {"countries": ["US"]}])
    def test_one_that_takes_no_message_is_not_named(self, api, carriers, change):
        first, second = carriers.add(), carriers.add()
        pool_id = api.add(A, carrier_ids=[first, second])
        carriers.patch(f"/{first}", change)
        assert self.carrier(api, pool_id) == second


class TestGeoMatch:
    """Real numbers: area codes count in the United States and Canada, countries elsewhere."""

    SAN_FRANCISCO, NEW_YORK = "+14155550100", "+12125550100"
    TORONTO, VANCOUVER = "+14165550100", "+16045550100"
    PARIS, LONDON = "+33142685300", "+442079460100"
    ALL = (NEW_YORK, SAN_FRANCISCO, VANCOUVER, TORONTO, LONDON, PARIS)

    @pytest.mark.parametrize(
        ("destination", "expected"),
        [
            ("+14155552671", {SAN_FRANCISCO}),
            ("+12125552671", {NEW_YORK}),
            ("+13125552671", {NEW_YORK, SAN_FRANCISCO}),
            ("+14165552671", {TORONTO}),
            ("+15145552671", {VANCOUVER, TORONTO}),
            ("+33639980001", {PARIS}),
            ("+447400123456", {LONDON}),
        ],
    )
    def test_the_nearest_take_turns(self, api, destination, expected):
        preview = api.preview(api.add(*self.ALL, geo_match=True), destination, count=12)
        assert preview["step"] == "geo_match"
        assert set(preview["next"]) == expected
        assert preview["note"].startswith("No carrier")

    def test_reasons_name_what_is_shared(self, api):
        pool_id = api.add(*self.ALL, {"sender": "36179", "countries": ["US"]},
                          geo_match=True)  # fmt: skip
        assert reasons(api.preview(pool_id, "+14155552671")) == {
            self.NEW_YORK: "eligible; same country (US)",
            self.SAN_FRANCISCO: "eligible; same area code (US 415)",
            self.VANCOUVER: "eligible",
            self.TORONTO: "eligible",
            self.LONDON: "eligible",
            self.PARIS: "eligible",
            "36179": "eligible",
        }

    @pytest.mark.parametrize("destination", ["+4915123456789", "+17875550100", "+80012345678"])
    def test_the_strategy_decides_where_nobody_is_near_and_it_says_so(self, api, destination):
        """Germany; Puerto Rico, which shares +1; a number of no country."""
        preview = api.preview(api.add(*self.ALL, geo_match=True), destination, count=6)
        assert preview["step"] == "strategy"
        assert preview["next"] == list(self.ALL)
        assert "all take turns" in preview["note"]

    def test_who_is_near_and_may_not_send_does_not_count(self, api):
        near = {"sender": self.SAN_FRANCISCO, "enabled": False}
        pool_id = api.add(near, self.NEW_YORK, self.PARIS, geo_match=True)
        preview = api.preview(pool_id, "+14155552671", count=2)
        assert (preview["step"], preview["next"]) == ("geo_match", [self.NEW_YORK] * 2)

    def test_names_and_short_codes_are_nowhere(self, api):
        short = {"sender": "36179", "countries": ["FR"]}
        preview = api.preview(api.add(short, "ACME", geo_match=True))
        assert (preview["step"], selected(preview)) == ("strategy", "36179")

    def test_the_mapping_comes_before_nearness(self, api):
        pool_id = api.add(self.PARIS, sticky=True, geo_match=True)
        take_sender(roster(pool_id), "+14155552671")
        everyone = [{"sender": sender} for sender in self.ALL]
        api.patch(f"/{pool_id}", {"members": everyone})
        preview = api.preview(pool_id, "+14155552671")
        assert (preview["step"], selected(preview)) == ("sticky", self.PARIS)
