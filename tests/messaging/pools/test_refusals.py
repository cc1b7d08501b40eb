"""Requests that POST and PATCH refuse, and the field that the error names."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from messaging.pools.models import PoolCarrier, PoolMember, SenderPool
from orbit.ids import new_id
from tests.messaging.callers import refusal
from tests.messaging.carriers.conftest import Api as Carriers
from tests.messaging.pools.conftest import A, B, audit_rows, stored

GOOD = {"sender": A}
BAD = [
    ("name", "", "empty"),
    ("name", "x" * 65, "64"),
    ("name", "a\nb", "line breaks"),
    ("name", "None", "none"),
    ("name", 1, "quotes"),
    ("name", None, "null"),
    ("strategy", "sticky", "not a valid choice"),
    ("strategy", "Weighted", "not a valid choice"),
    ("strategy", None, "null"),
    ("sticky", 1, "true or false"),
    ("sticky", "true", "true or false"),
    ("sticky_ttl_days", 0, "1"),
    ("sticky_ttl_days", 366, "365"),
    ("sticky_ttl_days", "15", "whole number"),
    ("sticky_ttl_days", True, "whole number"),
    ("geo_match", None, "null"),
    ("carrier_ids", "carr_1", "list"),
    ("carrier_ids", None, "null"),
    ("carrier_ids", [1], "quotes"),
    ("carrier_ids", [""], "empty"),
    ("carrier_ids[0]", [new_id("carr")], "no such carrier"),
    ("carrier_ids[1]", ["x", "x"], "in the list already, as carrier_ids[0]"),
    ("carrier_ids", ["x"] * 101, "at most 100"),
    ("members", {"sender": A}, "list"),
    ("members", None, "null"),
    ("members", [A], "object"),
    ("members", [GOOD] * 1001, "at most 1000"),
    ("members[1].sender", [GOOD, {}], "required"),
    ("members[1].sender", [GOOD, {"sender": None}], "null"),
    ("members[1].sender", [GOOD, {"sender": 33700000002}], "quotes"),
    ("members[1].sender", [GOOD, {"sender": ""}], "empty"),
    ("members[1].sender", [GOOD, {"sender": "+1234"}], "E.164"),
    ("members[1].sender", [GOOD, {"sender": "33700000002"}], "A sender is"),
    ("members[1].sender", [GOOD, {"sender": "12"}], "A sender is"),
    ("members[1].sender", [GOOD, {"sender": "123456789"}], "A sender is"),
    ("members[1].sender", [GOOD, {"sender": "TwelveLetter"}], "A sender is"),
    ("members[1].sender", [GOOD, {"sender": "Café"}], "A sender is"),
    ("members[1].sender", [GOOD, {"sender": "---"}], "A sender is"),
    ("members", [GOOD, {"sender": "AC\0ME"}], "NUL"),
    ("members[1].sender", [GOOD, GOOD], "in the list already, as members[0]"),
    ("members[1].type", [GOOD, {"sender": B, "type": "mobile"}], "not a valid choice"),
    ("members[1].type", [GOOD, {"sender": B, "type": "short_code"}], "is of type long_code"),
    ("members[1].type", [GOOD, {"sender": "ACME", "type": "long_code"}], "alphanumeric"),
    ("members[1].weight", [GOOD, {"sender": B, "weight": 0}], "1"),
    ("members[1].weight", [GOOD, {"sender": B, "weight": 101}], "100"),
    ("members[1].weight", [GOOD, {"sender": B, "weight": 1.5}], "whole number"),
    ("members[1].weight", [GOOD, {"sender": B, "weight": None}], "null"),
    ("members[1].countries", [GOOD, {"sender": "36179"}], "short code"),
    ("members[1].countries", [GOOD, {"sender": "36179", "countries": []}], "short code"),
    ("members[1].countries", [GOOD, {"sender": B, "countries": "FR"}], "list"),
    ("members[1].countries", [GOOD, {"sender": B, "countries": ["FR", "FR"]}], "more than once"),
    ("members[1].countries[0]", [GOOD, {"sender": B, "countries": ["*"]}], "leave out"),
    ("members[1].countries[1]", [GOOD, {"sender": B, "countries": ["FR", "us"]}], "upper case"),
    ("members[1].enabled", [GOOD, {"sender": B, "enabled": 1}], "true or false"),
    ("members[1].id", [GOOD, {"sender": B, "id": new_id("mem")}], "Unknown field"),
]  # fmt: skip


def root(field: str) -> str:
    return field.partition("[")[0]


@pytest.mark.parametrize(("field", "value", "says"), BAD)
def test_a_bad_field_is_named(api, field, value, says):
    answer = api.post("", {"name": "Support"} | {root(field): value})
    missing = says == "required"
    error = refusal(answer, 422, "MISSING_REQUIRED_FIELD" if missing else "VALIDATION_ERROR")
    assert error["details"]["field"] == field
    assert [each["field"] for each in error["details"]["errors"]] == [field]
    assert says in error["details"]["errors"][0]["message"]
    assert error["details"]["expected"]
    assert SenderPool.objects.count() == 0
    assert audit_rows() == []


@pytest.mark.parametrize(("field", "value", "says"), BAD)
def test_patch_refuses_it_and_changes_nothing(api, field, value, says):
    pool_id = api.add("ACME")
    body = {"name": "Another", "sticky": True} | {root(field): value}
    answer = api.patch(f"/{pool_id}", body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["details"]["field"] == field
    assert says in error["details"]["errors"][0]["message"]
    assert (stored(pool_id).version, stored(pool_id).name) == (1, "Support")
    assert list(api.members(pool_id)) == ["ACME"]


def test_what_a_member_only_answers_is_described_as_no_field(api):
    answer = api.post("", {"name": "Support", "members": [GOOD, {"sender": B, "id": "x"}]})
    assert refusal(answer, 422, "VALIDATION_ERROR")["details"]["expected"] == "an object"


def test_a_name_has_to_be_there(api):
    error = refusal(api.post("", {}), 422, "MISSING_REQUIRED_FIELD")
    assert error["details"]["field"] == "name"


@pytest.mark.parametrize("field", ["id", "organization_id", "seed", "carriers", "version"])
def test_what_is_not_the_callers_cannot_be_sent(api, field):
    error = refusal(api.post("", {"name": "Support", field: "x"}), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == field


def test_all_faults_are_named_in_the_documents_order(api):
    body = {
        "members": [{"sender": "", "weight": 0}, GOOD, {"sender": B, "typ": "x"}],
        "strategy": "best",
        "name": "",
    }
    error = refusal(api.post("", body), 422, "VALIDATION_ERROR")
    assert [each["field"] for each in error["details"]["errors"]] == [
        "name",
        "strategy",
        "members[0].weight",
        "members[0].sender",
        "members[2].typ",
    ]


def test_the_refused_value_is_echoed(api):
    body = {"name": "Support", "members": [GOOD, {"sender": B, "weight": 101}]}
    error = refusal(api.post("", body), 422, "VALIDATION_ERROR")
    assert error["details"]["value"] == 101
    assert error["details"]["expected"].startswith("a whole number from 1 to 100")


def test_another_organisations_carrier_is_like_none(api, stranger):
    theirs = Carriers(stranger.organization).add()
    for carrier_id in (theirs, new_id("carr")):
        error = refusal(
            api.post("", {"name": "Support", "carrier_ids": [carrier_id]}), 422, "VALIDATION_ERROR"
        )
        assert error["details"].pop("value") == carrier_id
        assert error["message"] == ("carrier_ids[0]: There is no such carrier, or it is not yours.")
    assert SenderPool.objects.count() == 0


class TestTheDatabaseHoldsIt:
    """What the database refuses, too."""

    def assert_refused(self, write) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()

    def test_a_sender_is_in_a_pool_once(self, api):
        pool = stored(api.add(A))
        self.assert_refused(
            lambda: PoolMember.objects.create(pool=pool, sender=A, type="long_code", position=1)
        )

    def test_a_carrier_is_at_a_pool_once(self, api, carriers):
        carrier_id = carriers.add()
        pool = stored(api.add(carrier_ids=[carrier_id]))
        self.assert_refused(lambda: PoolCarrier.objects.create(pool=pool, carrier_id=carrier_id))

    @pytest.mark.parametrize(
        "fields", [{"strategy": "best"}, {"sticky_ttl_days": 0}, {"sticky_ttl_days": 366}]
    )
    def test_pools_have_known_values(self, api, fields):
        pools = SenderPool.objects.filter(pk=api.add())
        self.assert_refused(lambda: pools.update(**fields))

    @pytest.mark.parametrize("fields", [{"weight": 0}, {"weight": 101}, {"type": "mobile"}])
    def test_members_have_known_values(self, api, fields):
        rows = PoolMember.objects.filter(pool=api.add(A))
        self.assert_refused(lambda: rows.update(**fields))
