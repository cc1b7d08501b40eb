"""Recipients by CSV: what is taken, and what is said of the rest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from messaging.campaigns import recipient_import, recipients, services
from messaging.campaigns.models import Campaign, Recipient
from messaging.campaigns.views import MAX_UPLOAD
from orbit.accounts.actors import SYSTEM
from orbit.api.parsers.csv_rows import Row
from tests.messaging.callers import data, refusal
from tests.messaging.campaigns.conftest import AMERICA, FRANCE, numbers, stored

GERMANY = "+4915123456789"


@pytest.fixture
def campaign_id(api) -> str:
    return api.add()


def there() -> list[tuple[str, dict]]:
    return list(Recipient.objects.order_by("position").values_list("to", "variables"))


def rejected(answer) -> list[tuple[int, str]]:
    found = data(answer)
    assert found["rejected_total"] == len(found["rejected"])
    return [(each["line"], each["field"]) for each in found["rejected"]]


@pytest.mark.parametrize(
    "csv",
    [
        f"to,name\n{FRANCE},Émile\n{AMERICA},Ada\n",
        f"to,name\r\n{FRANCE},Émile\r\n{AMERICA},Ada",
        f"\ufeffto,name\n{FRANCE},Émile\n{AMERICA},Ada",
        f'"to","name"\n"{FRANCE}","Émile"\n\n{AMERICA},Ada\n\n',
        f"name,phone\nÉmile,{FRANCE}\nAda,{AMERICA}\n",
        f" name , to \nÉmile, {FRANCE}\nAda,{AMERICA} \n",
        f"to,name\n\u202a{FRANCE}\u202c,Émile\n \u200b{AMERICA},Ada\n",
    ],
)
@pytest.mark.parametrize("content_type", ["text/csv", "Text/CSV; charset=UTF-8"])
def test_ways_to_write_the_same(api, campaign_id, csv, content_type):
    answer = api.upload(campaign_id, csv, content_type)
    assert data(answer) == {"accepted": 2, "rejected": [], "rejected_total": 0, "warnings": []}
    assert there() == [(FRANCE, {"name": "Émile"}), (AMERICA, {"name": "Ada"})]
    assert stored(campaign_id).recipients_total == 2


def test_what_quotes_hold_is_kept_as_it_is(api, campaign_id):
    api.upload(campaign_id, f'to,a,b,c\n{FRANCE},"x, ""y""",  z ,"1\n2"\n')
    assert there() == [(FRANCE, {"a": 'x, "y"', "b": "  z ", "c": "1\n2"})]


def test_a_phone_beside_to_is_a_variable(api, campaign_id):
    api.upload(campaign_id, f"phone,to\n555,{FRANCE}\n")
    assert there() == [(FRANCE, {"phone": "555"})]


def test_every_bad_row_is_named_with_its_line(api, campaign_id):
    answer = api.upload(
        campaign_id,
        f"to,name\n{FRANCE},A\n0639980001,B\n{AMERICA}\n{AMERICA},C,D\n\n"
        f'{GERMANY},"two\nlines"\n{FRANCE},E\n,F\n{AMERICA},\0\n{AMERICA},{"x" * 1531}\n',
    )
    assert rejected(answer) == [
        (3, "to"),
        (4, "(row)"),
        (5, "(row)"),
        (9, "to"),
        (10, "to"),
        (11, "variables.name"),
        (12, "variables.name"),
    ]
    messages = [each["message"] for each in data(answer)["rejected"]]
    assert messages[1] == "This row has 1 cells, the header 2."
    assert messages[3] == "This number is there already, on line 2."
    assert [to for to, _ in there()] == [FRANCE, GERMANY]


def test_a_row_without_what_the_text_needs_is_bad(api):
    campaign_id = api.add(body="{{name}} {{code}}")
    answer = api.upload(campaign_id, f"to,name\n{FRANCE},A\n")
    assert rejected(answer) == [(2, "variables.code")]
    assert "{{code}}" in data(answer)["rejected"][0]["message"]


def test_a_number_of_an_earlier_upload_is_there_already(api, campaign_id):
    api.upload(campaign_id, f"to\n{FRANCE}\n")
    answer = api.upload(campaign_id, f"to\n{AMERICA}\n{FRANCE}\n{AMERICA}\n")
    messages = [each["message"] for each in data(answer)["rejected"]]
    assert messages == [
        "This number is there already, before this list.",
        "This number is there already, on line 2.",
    ]


def test_twice_far_apart_names_the_first_line(api, campaign_id):
    csv = "to\n" + "\n".join([*numbers(1200), numbers(1)[0]]) + "\n"
    answer = api.upload(campaign_id, csv)
    assert rejected(answer) == [(1202, "to")]
    assert "on line 2." in data(answer)["rejected"][0]["message"]
    positions = Recipient.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(1200))


def test_no_more_than_the_most(api, campaign_id, monkeypatch):
    monkeypatch.setattr(recipients, "MAX_RECIPIENTS", 3)
    api.upload(campaign_id, f"to\n{FRANCE}\n")
    answer = api.upload(campaign_id, "to\n" + "\n".join(numbers(3, start=10_000)))
    assert rejected(answer) == [(4, "to")]
    assert "at most 3 recipients" in data(answer)["rejected"][0]["message"]


def test_the_list_of_bad_rows_ends_and_says_so(api, campaign_id, monkeypatch):
    monkeypatch.setattr(recipients, "MAX_SHOWN", 2)
    found = data(api.upload(campaign_id, "to\n" + "x\n" * 700 + FRANCE))
    assert (found["accepted"], found["rejected_total"]) == (1, 700)
    assert [each["line"] for each in found["rejected"]] == [2, 3]


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        (b"to,name\n+33639980001,\xc9mile\n", "not UTF-8, on line 2"),
        ("to\n+33639980001\n".encode("utf-16"), "not UTF-8, on line 1"),
        (f'to,name\n{FRANCE},A\n{AMERICA},"B\n+1,C\n', "never closed, in the row that begins on"),
        (f'to,name\n{FRANCE},"A" B\n', "on line 2"),
        (f"to\r{FRANCE}\r", "carriage return"),
        (f'to,name\n{FRANCE},"{"x" * 200_000}"\n', "131072 characters"),
    ],
)
def test_what_is_no_csv_is_refused_whole(api, campaign_id, csv, said):
    error = refusal(api.upload(campaign_id, csv), 400, "VALIDATION_ERROR")
    assert said in error["message"]
    assert there() == []


@pytest.mark.parametrize(
    ("header", "code", "said"),
    [
        ("number,name", "MISSING_REQUIRED_FIELD", "number,name"),
        ("to;name", "MISSING_REQUIRED_FIELD", "separated by commas"),
        (FRANCE, "MISSING_REQUIRED_FIELD", "column"),
        ("", "MISSING_REQUIRED_FIELD", "column"),
        ("to,name,name", "VALIDATION_ERROR", "`name`"),
        ("to,", "VALIDATION_ERROR", "Column 2"),
        ("to,{name}", "VALIDATION_ERROR", "Column 2"),
        ("to," + ",".join(f"v{n}" for n in range(51)), "VALIDATION_ERROR", "50 columns"),
    ],
)
def test_a_header_that_says_nothing_is_refused(api, campaign_id, header, code, said):
    error = refusal(api.upload(campaign_id, f"{header}\n{FRANCE},x\n"), 422, code)
    assert said in error["message"]
    assert there() == []


def test_a_header_alone_adds_no_recipient(api, campaign_id):
    assert data(api.upload(campaign_id, "to,name\n"))["accepted"] == 0


def test_other_types_and_encodings_are_refused(api, campaign_id):
    for content_type in ("text/csv; charset=iso-8859-1", "text/plain", "multipart/form-data"):
        answer = api.upload(campaign_id, f"to\n{FRANCE}\n", content_type)
        refusal(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert there() == []


class TestLargeBodies:
    """More than Django takes for all routes, with a key that makes it read the whole of it."""

    CSV = f"to,text\n{FRANCE},{'x' * 1000}\n" + f"{FRANCE},{'x' * 1000}\n" * 3500

    def test_it_is_taken_once(self, api, campaign_id):
        answers = [api.upload(campaign_id, self.CSV, Idempotency_Key="once") for _ in range(2)]
        assert [data(each)["accepted"] for each in answers] == [1, 1]
        assert answers[1]["Idempotency-Replayed"] == "true"
        other = api.upload(campaign_id, self.CSV + "x", Idempotency_Key="once")
        refusal(other, 422, "IDEMPOTENCY_KEY_REUSED")

    def test_without_a_key_it_is_taken_too(self, api, campaign_id):
        found = data(api.upload(campaign_id, self.CSV))
        assert (found["accepted"], found["rejected_total"]) == (1, 3500)
        assert len(found["rejected"]) == 1000

    def test_too_large_is_refused(self, api, campaign_id):
        answer = api.upload(campaign_id, "x" * (MAX_UPLOAD + 1))
        assert str(MAX_UPLOAD) in refusal(answer, 400, "VALIDATION_ERROR")["message"]


def many(count: int, ahead: list[int]) -> Iterator[Row]:
    """Rows; notes how many of them have been read and are in no table yet."""
    yield Row(1, ["to"])
    for number in range(count):
        ahead.append(number - Recipient.objects.count() if number % 100 == 0 else 0)
        yield Row(number + 2, numbers(1, start=number))


def test_rows_are_not_held_in_memory_and_take_no_query_each(
    api, campaign_id, django_assert_max_num_queries
):
    campaign = Campaign.objects.get(pk=campaign_id)
    campaign.organization = api.organization
    ahead: list[int] = []
    with django_assert_max_num_queries(100):
        found = recipient_import.from_csv(many(3000, ahead))
        outcome = services.add_recipients(by=SYSTEM, campaign=campaign, found=found)
    assert outcome.accepted == 3000
    assert 0 < max(ahead) <= 500
