"""What an upload may cost, and what is said of one that would cost more."""

from __future__ import annotations

import pytest

from messaging.campaigns import parsers, recipient_import
from messaging.campaigns.models import Recipient
from tests.messaging.callers import data, refusal
from tests.messaging.campaigns.conftest import AMERICA, FRANCE, messages, numbers, stored

LONG = "x" * 1530


class TestCsv:
    def test_more_rows_than_a_campaign_has_are_refused_whole(self, api, monkeypatch):
        monkeypatch.setattr(recipient_import, "MAX_ROWS", 3)
        campaign_id = api.add()
        good = "to\n" + "\n".join(numbers(3)) + "\n\n"
        error = refusal(api.upload(campaign_id, good + "x"), 422, "VALIDATION_ERROR")
        assert "more than 3 rows" in error["message"]
        assert not Recipient.objects.exists()
        assert data(api.upload(campaign_id, good))["accepted"] == 3

    def test_a_number_of_many_characters_is_not_read(self, api, monkeypatch):
        monkeypatch.setattr(recipient_import, "as_read", lambda text: pytest.fail("was read"))
        answer = api.upload(api.add(), f"to\n{'1' * 100_000}\n")
        (rejected,) = data(answer)["rejected"]
        assert rejected["field"] == "to"
        assert "at most 100 characters, this has 100000" in rejected["message"]

    def test_a_row_that_lacks_many_variables_names_a_few(self, api):
        campaign_id = api.add(body="".join(f"{{{{v{n}}}}}" for n in range(50)))
        (rejected,) = data(api.upload(campaign_id, f"to\n{FRANCE}\n"))["rejected"]
        assert rejected["message"].endswith("{{v0}}, {{v1}}, {{v10}} and 47 more too.")


class TestJson:
    @pytest.mark.parametrize(("entry", "what"), [({}, "braces"), ([], "braces"), (1, "commas")])
    def test_it_is_counted_before_it_is_parsed(self, api, monkeypatch, entry, what):
        campaign_id = api.add()
        monkeypatch.setattr(parsers, "MAX_OPENED", 10)
        monkeypatch.setattr(parsers, "MAX_COMMAS", 10)
        monkeypatch.setattr(parsers, "parse", lambda raw: pytest.fail("was parsed"))
        for path in (f"/{campaign_id}/recipients", ""):
            answer = api.post(path, {"recipients": [entry] * 20})
            error = refusal(answer, 400, "VALIDATION_ERROR")
            assert what in error["message"]
            assert "at most 10" in error["message"]

    def test_an_entry_with_bad_text_is_named(self, api):
        campaign_id = api.add()
        bad = [{"to": "\ud800"}, {"to": FRANCE, "variables": {"a": "\0"}}]
        answer = api.post(f"/{campaign_id}/recipients", {"recipients": bad})
        assert [each["field"] for each in data(answer)["rejected"]] == ["to", "variables.a"]


class TestTooLong:
    def test_an_upload_says_who_will_get_no_message(self, api):
        campaign_id = api.add(body="Hi {{name}}")
        csv = f"to,name\n{FRANCE},{LONG}\n{AMERICA},Ada\n"
        found = data(api.upload(campaign_id, csv))
        assert found["accepted"] == 2
        (warning,) = found["warnings"]
        assert warning["field"] == "body"
        assert "more than 10 segments for 1 of the recipients, on line 2" in warning["message"]

    def test_a_draft_and_its_start_say_it_too(self, api):
        recipients = [{"to": FRANCE, "variables": {"a": LONG}}, {"to": AMERICA, "variables": {}}]
        campaign_id = api.add(*recipients)
        api.patch(f"/{campaign_id}", {"body": "{{a}}!"})
        (warning,) = data(api.get(f"/{campaign_id}"))["warnings"]
        assert f"1 of 2 recipients, {FRANCE} among them" in warning["message"]

    def test_thousands_of_places_fail_that_recipient_only(self, api, later):
        campaign_id = api.started(
            {"to": FRANCE, "variables": {"a": "я" * 1530}},
            {"to": AMERICA, "variables": {"a": ""}},
            body="Hi" + "{{a}}" * 1990,
        )
        later()
        first, second = messages(campaign_id)
        assert (first.status, first.error_code) == ("failed", "TEXT_TOO_LONG")
        assert (len(first.body), first.segments) == (1531, 32_767)
        assert (second.status, second.body) == ("queued", "Hi")
        assert stored(campaign_id).fed == 2


def test_a_text_names_no_more_variables_than_a_recipient_has(api):
    body = "".join(f"{{{{v{n}}}}}" for n in range(51))
    error = refusal(api.make(body=body), 422, "VALIDATION_ERROR")
    assert "Names 51 variables; a recipient has at most 50." in error["message"]


def test_names_in_single_braces_are_warned_of_up_to_a_number(api):
    answer = api.make(body="".join(f"{{v{n}}}" for n in range(100)))
    assert len(answer.json()["data"]["warnings"]) == 20


def test_a_recipient_without_a_variable_fails_alone(api, later):
    """No upload and no start lets it through; were it there, the campaign would go on."""
    campaign_id = api.started(
        {"to": FRANCE, "variables": {"a": "1"}},
        {"to": AMERICA, "variables": {"a": "2"}},
        body="{{a}}",
    )
    Recipient.objects.filter(to=FRANCE).update(variables={})
    later()
    assert [(each.status, each.error_code) for each in messages(campaign_id)] == [
        ("failed", "MISSING_VARIABLE"),
        ("queued", ""),
    ]
