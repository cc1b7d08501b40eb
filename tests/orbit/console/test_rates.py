"""Rates of carriers as CSV."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from messaging.carriers.models import Carrier
from messaging.carriers.selectors import lock
from orbit.accounts.models import AuditEvent
from orbit.console import rates
from tests.orbit.console.conftest import last_event

PAGE = "/admin/console/rates/"


def look_at(client, text: str | bytes):
    data = text.encode() if isinstance(text, str) else text
    return client.post(PAGE, {"file": SimpleUploadedFile("rates.csv", data)})


def shown_lines(answer) -> str:
    return unescape(re.search(r'name="confirmed" value="([^"]*)"', answer.text)[1])


def test_what_goes_out_comes_in_again_and_changes_nothing(operator, carrier):
    Carrier.objects.update(name="=cmd()", billing_rate="0.0325")
    exported = operator.get(f"{PAGE}export/")
    (row,) = csv.DictReader(io.StringIO(exported.text))
    assert row == {
        "id": carrier.pk, "organization": "Acme Travel", "name": "'=cmd()",
        "billing_rate": "0.0325", "currency": "USD",
    }  # fmt: skip
    assert "1 line says" in look_at(operator, exported.text).text


def test_a_file_is_shown_before_it_is_written(operator, carrier):
    preview = look_at(operator, f"id,billing_rate,currency\n{carrier.pk},0.05,EUR\n")
    assert "billing_rate 0.05" in preview.text
    assert Carrier.objects.get().billing_rate == 0
    operator.post(PAGE, {"confirmed": shown_lines(preview)})
    row = Carrier.objects.get()
    assert (str(row.billing_rate), row.currency) == ("0.05000", "EUR")
    assert (last_event().action, last_event().changes) == (
        "carrier.updated",
        ["billing_rate", "currency"],
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,billing_rate\n{id},-1\n", "billing_rate"),
        ("id,billing_rate\n{id},1e99\n", "billing_rate"),
        ("id,billing_rate,currency\n{id},1,XXQ\n", "currency"),
        ("id,billing_rate\ncarr_0,1\n", "There is no carrier"),
        ("id,billing_rate\n{id},1\n{id},2\n", "An earlier line"),
        ("name\nx\n", "has to name the columns"),
        ("", "empty"),
        (b"id,billing_rate\n\xff,1\n", "no text in UTF-8"),
        ("id,billing_rate\n\0,1\n", "no carrier"),
    ],
)
def test_a_fault_is_told_and_nothing_can_be_confirmed(operator, carrier, text, said):
    answer = look_at(operator, text.format(id=carrier.pk) if isinstance(text, str) else text)
    assert said in answer.text
    assert 'name="confirmed"' not in answer.text


def test_a_carrier_that_changed_since_the_preview_is_not_overwritten(operator, carrier):
    lines = shown_lines(look_at(operator, f"id,billing_rate\n{carrier.pk},0.05\n"))
    Carrier.objects.update(version=2, billing_rate="0.07")
    answer = operator.post(PAGE, {"confirmed": lines}, follow=True)
    assert "Nothing was changed." in answer.text
    assert str(Carrier.objects.get().billing_rate) == "0.07000"


def test_all_or_nothing(operator, carrier):
    lines = f"id,version,billing_rate,currency\n{carrier.pk},1,0.05,\ncarr_0,1,1,\n"
    operator.post(PAGE, {"confirmed": lines})
    assert Carrier.objects.get().billing_rate == 0


def test_read_only_operators_may_export(sign_in, carrier):
    client = sign_in("Read only")
    assert client.get(f"{PAGE}export/").status_code == 200
    before = AuditEvent.objects.filter(action="carrier.updated").count()
    assert client.post(PAGE, {"confirmed": "id,billing_rate\n"}).status_code == 403
    assert AuditEvent.objects.filter(action="carrier.updated").count() == before + 1
    assert last_event().outcome == "refused"


def test_a_header_that_is_no_csv_is_said_to_be(operator):
    assert "This is no CSV" in look_at(operator, "a" * 200_000).text


def test_a_file_over_a_megabyte_is_not_read(operator, carrier):
    text = f"id,billing_rate\n{carrier.pk},0.05\n" + "," * rates.LARGEST
    answer = look_at(operator, text)
    assert "1 MB at most" in answer.text
    assert 'name="confirmed"' not in answer.text


def test_a_file_of_too_many_lines_is_refused_as_a_whole(operator, carrier, monkeypatch):
    monkeypatch.setattr(rates, "MOST", 1)
    answer = look_at(operator, f"id,billing_rate\n{carrier.pk},0.05\n{carrier.pk},0.06\n")
    assert "1 lines at most" in answer.text
    assert "billing_rate 0.05" not in answer.text


def test_a_carrier_that_changes_while_it_is_written_is_not_overwritten(
    operator, carrier, monkeypatch
):
    lines = shown_lines(look_at(operator, f"id,billing_rate\n{carrier.pk},0.05\n"))

    def change_first(**which: object) -> Carrier:
        Carrier.objects.update(version=2, billing_rate="0.07")
        return lock(**which)

    monkeypatch.setattr(rates, "lock", change_first)
    answer = operator.post(PAGE, {"confirmed": lines}, follow=True)
    assert "Nothing was changed." in answer.text
    assert "carriers have new rates" not in answer.text
    assert AuditEvent.objects.filter(action="carrier.updated").count() == 0
