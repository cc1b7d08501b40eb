"""/v1/settings/opt-out."""

from __future__ import annotations

import pytest

from tests.messaging.callers import audited, data, refusal
from tests.messaging.opt_outs.conftest import Api
from tests.messaging.pools.conftest import Api as Pools
from tests.openapi import check_answer

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


class Settings(Api):
    url = "/v1/settings/opt-out"


class TestSettings:
    def test_the_defaults_are_the_documented_ones(self, organization):
        found = data(Settings(organization).get())
        none = {"stop": None, "start": None, "help": None}
        assert found == {
            "enabled": True, "scope": "organization", "languages": [], "replies": none,
            "replies_by_language": [], "keywords": {"stop": [], "start": [], "help": []},
            "pools": [], "updated_at": None,
        }  # fmt: skip

    def test_what_is_left_out_stays(self, organization):
        api = Settings(organization)
        pool_id = Pools(organization).add("+33700000001")
        data(api.patch("", {"replies": {"stop": "Bye."}, "keywords": {"stop": ["No More"]}}))
        fields = {
            "scope": "sender",
            "languages": ["fr", "de"],
            "replies": {"help": "Call us."},
            "keywords": {"help": ["Hm"]},
            "replies_by_language": [
                {"language": "de", "stop": "Tschüs.", "start": None, "help": None}
            ],
            "pools": [{"sender_pool_id": pool_id, "stop": ["Genug"], "start": [], "help": []}],
        }
        answer = api.patch("", fields)
        found = data(answer)
        check_answer("OptOutSettings", found)
        assert found["replies"] == {"stop": "Bye.", "start": None, "help": "Call us."}
        assert found["keywords"] == {"stop": ["No More"], "start": [], "help": ["Hm"]}
        for name in ("scope", "languages", "replies_by_language", "pools"):
            assert found[name] == fields[name]
        assert data(api.get()) == found
        assert data(api.patch("", {"replies": {"stop": None}}))["replies"]["stop"] is None
        refusal(api.patch("", {}, If_Match=answer["ETag"]), 412, "PRECONDITION_FAILED")
        rows = audited("opt_out_settings.updated")
        assert rows[-1].changes == ["replies"]
        assert "Bye" not in str([(row.changes, row.detail) for row in rows])

    def test_refusals(self, organization, stranger):
        api = Settings(organization)
        theirs = Pools(stranger.organization).add("+33700000001")
        for fields, field in [
            ({"scope": "ACME"}, "scope"),
            ({"languages": ["xx"]}, "languages[0]"),
            ({"keywords": {"stop": ["!"]}}, "keywords.stop[0]"),
            ({"keywords": {"quit": []}}, "keywords.quit"),
            ({"replies": {"stop": "x" * 2000}}, "replies.stop"),
            ({"pools": [{"stop": []}]}, "pools[0].sender_pool_id"),
            ({"pools": [{"sender_pool_id": theirs}]}, "pools[0].sender_pool_id"),
            ({"replies_by_language": [{"language": "de"}] * 2}, "replies_by_language[1].language"),
        ]:
            answer = api.patch("", fields)
            assert answer.status_code == 422, fields
            assert answer.json()["error"]["details"]["field"] == field
        reader = Settings(organization, scopes=["opt_outs:read"])
        refusal(reader.patch("", {"enabled": False}), 403, "INSUFFICIENT_PERMISSIONS")


def test_more_languages_than_there_are_is_too_many(organization):
    one = {"language": "de", "stop": "Bye", "start": None, "help": None}
    answer = Settings(organization).patch("", {"replies_by_language": [one] * 1000})
    assert "entries are taken" in str(refusal(answer, 422, "VALIDATION_ERROR"))
