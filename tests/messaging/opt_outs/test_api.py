"""/v1/opt-outs."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from messaging.opt_outs import changes, importing, services
from messaging.opt_outs.models import OptOut
from messaging.webhooks.models import Event, Webhook
from orbit.accounts.actors import SYSTEM
from orbit.accounts.models import Organization
from orbit.ids import new_id
from tests.messaging.callers import audited, data, refusal
from tests.messaging.opt_outs.conftest import OTHER_PHONE, PHONE, Api
from tests.messaging.pools.conftest import Api as Pools
from tests.openapi import check_answer

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def upload(api):
    def post(csv: str | bytes, path: str = "/import", content_type: str = "text/csv"):
        return api._client.generic(
            "POST",
            api.url + path,
            csv.encode() if isinstance(csv, str) else csv,
            content_type=content_type,
            headers={"X-API-Key": api.new_key.secret},
        )

    return post


def numbers() -> list[tuple[str, str, str]]:
    return sorted(OptOut.objects.order_by().values_list("number", "scope", "reason"))


def url_encoded(number: str) -> str:
    return number.replace("+", "%2B")


class TestList:
    def test_a_number_is_put_on_it_and_taken_off(self, api, organization):
        Webhook.objects.create(
            organization=organization, url="https://9.9.9.9/h", events=["*"],
            secret_set_at="2026-01-01T00:00:00Z",
        )  # fmt: skip
        answer = api.post("", {"number": PHONE, "reason": "by phone"})
        assert answer.status_code == 201, answer.content
        row = answer.json()["data"]
        assert answer["Location"] == f"/v1/opt-outs/{row['id']}"
        assert row.pop("created_at").endswith("Z")
        assert row == {
            "id": row["id"], "number": PHONE, "scope": "organization", "source": "api",
            "message_id": None, "reason": "by phone",
        }  # fmt: skip

        again = api.post("", {"number": PHONE, "reason": "twice"})
        assert again.status_code == 200
        assert again.json()["data"]["reason"] == "by phone"
        found = api.get(f"/{row['id']}")
        check_answer("OptOut", data(found))
        assert [each["id"] for each in data(api.get())] == [row["id"]]
        stale = api.delete(f"/{row['id']}", If_Match='"old"')
        refusal(stale, 412, "PRECONDITION_FAILED")
        assert api.delete(f"/{row['id']}?reason=wrong%20number").status_code == 204
        assert data(api.get()) == []

        added, removed = audited("opt_out.")
        assert (added.action, removed.action) == ("opt_out.added", "opt_out.removed")
        assert removed.detail == "organization, wrong number"
        assert PHONE not in f"{added.detail}{added.target}{removed.target}"
        told = [(each.type, json.loads(each.body)["data"]) for each in Event.objects.order_by("pk")]
        assert [type for type, _ in told] == ["contact.opted_out", "contact.opted_in"]
        for _, about in told:
            assert (about["number"], about["scope"], about["source"]) == (
                PHONE, "organization", "api",
            )  # fmt: skip
        assert Organization.objects.get(pk=organization.pk).opt_outs == 2

    def test_filters(self, api, opt_out):
        rows = [opt_out(PHONE), opt_out(OTHER_PHONE, "ACME", source="keyword")]
        for query, wanted in {
            f"number={url_encoded(PHONE)}": [rows[0]],
            "scope=ACME": [rows[1]],
            "source=keyword": [rows[1]],
            "created_after=2026-01-01T00:00:00Z": rows[::-1],
            "created_before=2026-01-01T00:00:00Z": [],
            "": rows[::-1],
        }.items():
            found = data(api.get(f"?{query}"))
            assert [each["id"] for each in found] == [each.pk for each in wanted], query

    def test_refusals(self, api, stranger):
        pool_id = Pools(stranger.organization).add("+33700000001")
        for body, code, field in [
            ({}, "MISSING_REQUIRED_FIELD", "number"),
            ({"number": "0612345678"}, "INVALID_PHONE_NUMBER", "number"),
            ({"number": PHONE, "scope": "everything else"}, "VALIDATION_ERROR", "scope"),
            ({"number": PHONE, "scope": pool_id}, "VALIDATION_ERROR", "scope"),
            ({"number": PHONE, "reason": "x" * 201}, "VALIDATION_ERROR", "reason"),
            ({"number": PHONE, "source": "carrier"}, "VALIDATION_ERROR", "source"),
        ]:
            error = refusal(api.post("", body), 422, code)
            assert error["details"]["field"] == field
        assert not OptOut.objects.exists()

    def test_others_have_none_of_it(self, stranger, opt_out):
        row = opt_out()
        assert data(stranger.get()) == []
        for opt_out_id in (row.pk, new_id("opt"), "opt_1", "opt_\0"):
            refusal(stranger.get(f"/{opt_out_id}"), 404, "NOT_FOUND")
            refusal(stranger.delete(f"/{opt_out_id}"), 404, "NOT_FOUND")
        assert data(stranger.get(f"/check?to={url_encoded(PHONE)}"))["allowed"] is True
        assert b"".join(stranger.get("/export").streaming_content).count(b"\n") == 1

    def test_rights(self, organization, opt_out):
        row = opt_out()
        reader = Api(organization, scopes=["opt_outs:read"])
        data(reader.get())
        for answer in (
            reader.post("", {"number": PHONE}),
            reader.delete(f"/{row.pk}"),
            reader.post("/import"),
        ):
            refusal(answer, 403, "INSUFFICIENT_PERMISSIONS")
        nobody = Api(organization, scopes=["messages:read", "messages:write"])
        for path in ("", "/export", "/check?to=%2B33612345678", f"/{row.pk}"):
            refusal(nobody.get(path), 403, "INSUFFICIENT_PERMISSIONS")

    def test_the_quota_holds_people_and_no_phones(self, api, opt_out, settings, upload):
        settings.QUOTA_OPT_OUTS = 1
        opt_out()
        refusal(api.post("", {"number": OTHER_PHONE}), 409, "QUOTA_EXCEEDED")
        assert api.post("", {"number": PHONE}).status_code == 200  # it is there
        refusal(upload(OTHER_PHONE), 409, "QUOTA_EXCEEDED")
        assert len(numbers()) == 1
        opt_out(OTHER_PHONE, source="keyword")
        assert len(numbers()) == 2


def test_a_check_says_what_stands_in_the_way(api, opt_out):
    pool_id = Pools(api.organization).add("+33700000001")
    row = opt_out(scope=pool_id)
    to = f"/check?to={url_encoded(PHONE)}"

    held = data(api.get(f"{to}&from=%2B33700000001"))
    assert held["allowed"] is False
    assert held["opt_out"]["id"] == row.pk
    assert data(api.get(f"{to}&sender_pool_id={pool_id}"))["allowed"] is False
    assert data(api.get(f"{to}&from=ACME")) == {"allowed": True, "opt_out": None}
    assert data(api.get(to))["allowed"] is True
    refusal(api.get("/check"), 422, "MISSING_REQUIRED_FIELD")
    refusal(api.get("/check?to=0612345678"), 422, "INVALID_PHONE_NUMBER")


class TestImport:
    def test_good_rows_are_added_and_bad_ones_are_named(self, api, upload, opt_out):
        opt_out(OTHER_PHONE)
        pool_id = Pools(api.organization).add("+33700000001")
        csv = "\n".join(
            [
                PHONE,
                f"{PHONE},organization,again",
                f"{PHONE},ACME,“no”",
                f"{PHONE},{pool_id}",
                f"{OTHER_PHONE},,",
                "0612345678",
                f"{PHONE},much too long a name",
                f"{PHONE},{new_id('pool')}",
                f"{PHONE},,{'x' * 201}",
                f"{PHONE},,,more",
                "",
                f"\u202a{PHONE}\u202c, ACME2 ",
            ]
        )
        tried = data(upload(csv, "/import?dry_run=true"))
        assert len(numbers()) == 1
        done = data(upload(csv))

        check_answer("Imported", done)
        assert tried == done | {"dry_run": True}
        assert (done["added"], done["already"], done["rejected_total"]) == (4, 2, 5)
        assert [(each["line"], each["field"]) for each in done["rejected"]] == [
            (6, "number"), (7, "scope"), (8, "scope"), (9, "reason"), (10, "(row)"),
        ]  # fmt: skip
        mine = [(scope, reason) for number, scope, reason in numbers() if number == PHONE]
        assert mine == sorted(
            [("organization", ""), ("ACME", "“no”"), (pool_id, ""), ("ACME2", "")]
        )
        assert set(OptOut.objects.exclude(number=OTHER_PHONE).values_list("source", flat=True)) == {
            "import"
        }
        (row,) = audited("opt_out.imported")
        assert row.detail == "4 added, 2 already, 5 rejected"
        assert data(upload(csv))["added"] == 0

    def test_an_export_is_imported_as_it_is(self, api, upload, opt_out):
        opt_out(PHONE, reason="=1+1")
        opt_out(OTHER_PHONE, "ACME", reason='say "no", please')
        answer = api.get("/export")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert "X-Request-Id" in answer
        csv = b"".join(answer.streaming_content)
        header, *_ = csv.decode().splitlines()
        assert header == "number,scope,reason,source,created_at,message_id,id"
        assert b",'=1+1," in csv  # no formula for a spreadsheet
        OptOut.objects.all().delete()

        assert data(upload(csv))["added"] == 2
        assert [scope for _, scope, _ in numbers()] == ["organization", "ACME"]

    def test_long_lists_are_exported_page_by_page(self, api, upload, monkeypatch):
        monkeypatch.setattr("messaging.opt_outs.export.CHUNK", 3)
        upload("\n".join(f"+3361234{number:04}" for number in range(10)))
        lines = b"".join(api.get("/export").streaming_content).decode().split()
        assert len(set(lines)) == 11

    @pytest.mark.parametrize(
        ("csv", "status"),
        [
            ("", 200),
            ("number,colour\n+33612345678,red", 422),
            ("number,number\n+33612345678,red", 422),
            ('"+33612345678', 400),
            (b"\xff\xfe", 400),
        ],
    )
    def test_what_is_no_list_adds_nothing(self, upload, csv, status):
        assert upload(csv).status_code == status
        assert numbers() == []

    def test_too_many_rows_add_nothing(self, upload, monkeypatch):
        monkeypatch.setattr(importing, "MAX_ROWS", 2)
        csv = "\n".join([PHONE, OTHER_PHONE, "+33612345670"])
        assert "2 rows" in refusal(upload(csv), 422, "VALIDATION_ERROR")["message"]
        assert numbers() == []

    def test_json_is_no_list(self, api):
        refusal(api.post("/import", [PHONE]), 415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_number_that_another_request_adds_meanwhile_is_not_new(organization, monkeypatch):
    fields = {"number": PHONE, "reason": "ours"}

    def be_late(*_: object) -> None:
        OptOut.objects.create(
            organization=organization, number=PHONE, scope="organization", reason="theirs"
        )

    monkeypatch.setattr(services, "quotas", SimpleNamespace(require=be_late))
    row, is_new = services.add(by=SYSTEM, organization=organization, fields=fields)

    assert (row.reason, is_new) == ("theirs", False)
    assert len(numbers()) == 1
    assert audited("opt_out.added") == []


def test_of_two_inserts_of_a_number_at_once_one_is_new(organization, monkeypatch):
    """Both have looked before the other one wrote."""
    monkeypatch.setattr(changes, "there", lambda rows: set())
    same = {"organization": organization, "number": PHONE, "scope": "organization"}
    rows = [OptOut(**same, reason=each) for each in ("1", "2")]

    added = [changes.add([row]) for row in rows]

    assert [len(each) for each in added] == [1, 0]
    assert [reason for _, _, reason in numbers()] == ["1"]


def test_a_reason_that_no_database_takes_is_a_rejected_row(upload):
    found = data(upload(f"{PHONE},,a\0b\n{OTHER_PHONE},,fine\n"))

    assert (found["added"], found["rejected_total"]) == (1, 1)
    assert [(each["line"], each["field"]) for each in found["rejected"]] == [(1, "reason")]
    assert [number for number, _, _ in numbers()] == [OTHER_PHONE]
