"""What a draft's author is told before anything is sent."""

from __future__ import annotations

import pytest

from messaging.campaigns import template
from tests.messaging.callers import data, refusal
from tests.messaging.campaigns.conftest import AMERICA, FRANCE, numbers, stored


def warned(api, campaign_id: str) -> list[tuple[str, str]]:
    found = data(api.get(f"/{campaign_id}"))["warnings"]
    return [(each["field"], each["message"]) for each in found]


def with_name(to: str, name: str) -> dict:
    return {"to": to, "variables": {"name": name}}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("Hi {name}, {name} and {{code}}", ["name"]),
        ("{ first name } {b}", ["first name", "b"]),
        ("{{name}}", []),
        ("{} { } {'a': 1} plain", []),
    ],
)
def test_names_in_single_braces_are_seen(body, names):
    assert template.single_brace_names(body) == names


def test_single_braces_are_named_when_the_draft_is_made_and_read(api):
    answer = api.make(FRANCE, body="Hi {name}")
    (warning,) = answer.json()["data"]["warnings"]
    assert warning["field"] == "body"
    assert "{name} stands in single braces" in warning["message"]
    assert "{{name}}" in warning["message"]
    assert [field for field, _ in warned(api, answer.json()["data"]["id"])] == ["body"]


def test_single_braces_of_a_variable_do_not_start(api):
    campaign_id = api.add(with_name(FRANCE, "Ada"), body="Hi {name}")
    error = refusal(api.post(f"/{campaign_id}/start"), 409, "INVALID_STATE")
    assert "{name} in single braces" in error["message"]
    assert stored(campaign_id).status == "draft"


def test_single_braces_of_no_variable_are_text(api):
    campaign_id = api.add(FRANCE, body="Code {A1}")
    assert api.act(campaign_id, "start")["warnings"][0]["field"] == "body"


@pytest.mark.parametrize("name", ["name", "1", "a__b", "it's", "naïve"])
def test_empty_values_are_counted_before_the_start_and_in_its_answer(api, name):
    campaign_id = api.add(body=f"Hi {{{{{name}}}}}")
    csv = f"to,{name},other\n{FRANCE},,x\n{AMERICA},Bob,\n{numbers(1)[0]},  ,\n"
    (warning,) = data(api.upload(campaign_id, csv))["warnings"]
    assert warning["field"] == f"variables.{name}"
    assert "empty for 2 of the recipients, on lines 2, 4." in warning["message"]
    ((field, message),) = warned(api, campaign_id)
    assert field == f"variables.{name}"
    assert "empty for 2 of 3 recipients" in message
    assert [each["field"] for each in api.act(campaign_id, "start")["warnings"]] == [field]
    assert warned(api, campaign_id) == []  # it has begun


def test_many_empty_lines_are_counted_not_listed(api):
    campaign_id = api.add(body="Hi {{name}}")
    csv = "to,name\n" + "".join(f"{number},\n" for number in numbers(30))
    (warning,) = data(api.upload(campaign_id, csv))["warnings"]
    assert "for 30 of the recipients" in warning["message"]
    assert warning["message"].endswith("20, 21 and 10 more.")


def test_rows_that_were_refused_are_not_counted(api):
    campaign_id = api.add(body="Hi {{name}}")
    assert data(api.upload(campaign_id, "to,name\nx,\n"))["warnings"] == []


@pytest.mark.parametrize("csv", ["", "\n", "\ufeff", "\n\n", " , \n"])
def test_an_empty_csv_is_answered_about_csv(api, csv):
    campaign_id = api.add()
    # Django's client leaves the type of an empty body out, unless it is a header.
    answer = api.upload(campaign_id, csv, Content_Type="text/csv")
    error = refusal(answer, 422, "MISSING_REQUIRED_FIELD")
    assert "The CSV is empty" in error["message"]
    assert "`to` (or `phone`)" in error["message"]


def test_an_empty_json_body_is_answered_about_recipients(api):
    error = refusal(api.post(f"/{api.add()}/recipients"), 422, "MISSING_REQUIRED_FIELD")
    assert error["details"]["field"] == "recipients"
