"""Requests that POST and PATCH refuse, and the field that the error names."""

from __future__ import annotations

import pytest

from messaging.carriers.models import Carrier
from orbit.ids import new_id
from tests.messaging.callers import refusal
from tests.messaging.carriers.conftest import Api, audit_rows, make_credential, stored

BAD = [
    ("name", "", "empty"),
    ("name", " ", "empty"),
    ("name", "x" * 65, "64"),
    ("name", "a\nb", "line breaks"),
    ("name", "a\0b", "NUL"),
    ("name", "None", "none"),
    ("name", 1, "quotes"),
    ("name", None, "null"),
    ("credential_id", 1, "quotes"),
    ("credential_id", None, "null"),
    ("credential_id", "", "empty"),
    ("credential_id", "x" * 65, "64"),
    ("credential_id", "cred_", "no such credential"),
    ("credential_id", "cred_" + "0" * 32, "no such credential"),
    ("credential_id", "carr_" + "0" * 32, "no such credential"),
    ("countries", "FR", "list"),
    ("countries", None, "null"),
    ("countries", {"FR": 1}, "list"),
    ("countries", [], "at least one"),
    ("countries", [1], "quotes"),
    ("countries", [["FR"]], "quotes"),
    ("countries", ["FR", "US", "FR"], "more than once: FR"),
    ("countries", ["*", "FR"], "alone"),
    ("countries", ["*", "*"], "alone"),
    ("countries", ["FR"] * 251, "at most 250"),
    ("countries[0]", ["fr"], "upper case: FR"),
    ("countries[1]", ["FR", "us"], "upper case: US"),
    ("countries[0]", ["ZZ"], "ISO 3166-1"),
    ("countries[0]", ["FRA"], "ISO 3166-1"),
    ("countries[0]", ["France"], "ISO 3166-1"),
    ("countries[0]", ["ＦＲ"], "ISO 3166-1"),
    ("countries[0]", [" FR"], "ISO 3166-1"),
    ("countries[0]", ["001"], "ISO 3166-1"),
    ("quality", -1, "0"),
    ("quality", 101, "100"),
    ("quality", 50.0, "whole number"),
    ("quality", "50", "whole number"),
    ("quality", True, "whole number"),
    ("quality", None, "null"),
    ("fallback_order", 0, "1"),
    ("fallback_order", 101, "100"),
    ("fallback_order", "1", "whole number"),
    ("billing_rate", 0, "quotes"),
    ("billing_rate", 0.0045, "quotes"),
    ("billing_rate", None, "null"),
    ("billing_rate", "", "empty"),
    ("currency", "usd", "upper case: USD"),
    ("currency", "US", "ISO 4217"),
    ("currency", "ZZZ", "ISO 4217"),
    ("currency", 840, "quotes"),
    ("enabled", "true", "true or false"),
    ("enabled", 1, "true or false"),
    ("enabled", None, "null"),
]
RATES = [
    "-1", "+1", "1e-3", "1E3", "NaN", "Infinity", "-0", ".5", "5.", "1,5", " 1", "1 ", "1\n",
    "0.000001", "0.100000", "10000000", "00000001", "12345678.12345", "١", "１", "0x1", "1_0", "$1",
]  # fmt: skip
BAD += [("billing_rate", rate, "7 digits") for rate in RATES]


@pytest.mark.parametrize(("field", "value", "says"), BAD)
def test_a_bad_field_is_named(api, body, field, value, says):
    wanted = body | {field.partition("[")[0]: value}
    error = refusal(api.post("", wanted), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == field
    assert [each["field"] for each in error["details"]["errors"]] == [field]
    assert says in error["details"]["errors"][0]["message"]
    assert error["details"]["expected"]
    assert Carrier.objects.count() == 0
    assert audit_rows() == []


@pytest.mark.parametrize(("field", "value", "says"), BAD)
def test_patch_refuses_it_and_changes_nothing(api, pushes, field, value, says):
    carrier_id = api.add()
    wanted = {"name": "Another", "enabled": False} | {field.partition("[")[0]: value}
    with pushes() as pushed:
        error = refusal(api.patch(f"/{carrier_id}", wanted), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == field
    assert says in error["details"]["errors"][0]["message"]
    assert pushed == []
    assert (stored(carrier_id).version, stored(carrier_id).name) == (1, "Orange FR")


@pytest.mark.parametrize("field", ["name", "credential_id", "countries"])
def test_what_has_to_be_there(api, body, field):
    del body[field]
    error = refusal(api.post("", body), 422, "MISSING_REQUIRED_FIELD")
    assert error["details"]["field"] == field


@pytest.mark.parametrize("field", ["id", "credential", "routes", "sender_pools", "organization_id"])
def test_what_is_answered_cannot_be_sent(api, body, field):
    error = refusal(api.post("", body | {field: "x"}), 422, "VALIDATION_ERROR")
    assert error["details"]["field"] == field


def test_all_faults_are_named_in_the_documents_order(api):
    body = {"currency": "usd", "quality": 101, "countries": ["fr", "FR", "xx"], "name": ""}
    error = refusal(api.post("", body), 422, "VALIDATION_ERROR")
    assert [each["field"] for each in error["details"]["errors"]] == [
        "name",
        "credential_id",
        "countries[0]",
        "countries[2]",
        "quality",
        "currency",
    ]


def test_the_value_of_a_refused_credential_is_echoed_in_part(api, body):
    unknown = new_id("cred")
    error = refusal(api.post("", body | {"credential_id": unknown}), 422, "VALIDATION_ERROR")
    assert error["details"]["value"] == unknown


def test_very_many_countries_are_not_even_looked_at(api, body):
    error = refusal(api.post("", body | {"countries": ["?"] * 100_000}), 422, "VALIDATION_ERROR")
    assert [each["field"] for each in error["details"]["errors"]] == ["countries"]


class TestCredential:
    """Only one's own live credential that can send backs a carrier."""

    def assert_refused(self, api: Api, body: dict, credential_id: str, says: str) -> None:
        wanted = {"credential_id": credential_id}
        carrier_id = api.add()
        for answer in (api.post("", body | wanted), api.patch(f"/{carrier_id}", wanted)):
            error = refusal(answer, 422, "VALIDATION_ERROR")
            assert error["details"]["field"] == "credential_id"
            assert says in error["message"]
        assert Carrier.objects.count() == 1
        assert stored(carrier_id).version == 1

    def test_another_organisations_is_like_none(self, api, stranger, body):
        theirs = make_credential(stranger.organization)
        self.assert_refused(api, body, theirs.id, "no such credential")
        refused = api.post("", body | {"credential_id": theirs.id}).json()["error"]
        unknown = api.post("", body | {"credential_id": new_id("cred")}).json()["error"]
        refused["details"].pop("value")
        unknown["details"].pop("value")
        assert refused == unknown

    def test_a_deleted_one_is_like_none(self, api, organization, body):
        gone = make_credential(organization, deleted_at="2026-03-08T12:00:00Z")
        self.assert_refused(api, body, gone.id, "no such credential")

    def test_a_receiver_cannot_send(self, api, organization, body):
        receiver = make_credential(organization, bind_type="receiver")
        self.assert_refused(api, body, receiver.id, "receiver")

    @pytest.mark.parametrize("bind_type", ["transmitter", "transceiver"])
    def test_others_can(self, api, organization, bind_type):
        assert api.add(credential_id=make_credential(organization, bind_type=bind_type).id)
