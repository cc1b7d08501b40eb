"""Reading tables: what is incomplete is an error, it never looks empty."""

from __future__ import annotations

import pytest

from reconciler.jcli.errors import Garbled
from reconciler.jcli.tables import rows, settings, table

LIST = ["#Group id        ", "#one             ", "#two             ", "Total Groups: 2"]


def test_rows_are_what_stands_between_header_and_total():
    assert [row.strip() for row in rows(LIST, header="Group id")] == ["one", "two"]


def test_an_empty_list_has_no_header():
    assert rows(["Total Groups: 0"], header="Group id") == []


@pytest.mark.parametrize("length", range(len(LIST)))
def test_a_list_cut_anywhere_is_garbled(length: int):
    with pytest.raises(Garbled, match="total: Group id"):
        rows(LIST[:length], header="Group id")


@pytest.mark.parametrize("missing", [1, 2])
def test_a_list_that_lost_a_row_is_garbled(missing: int):
    with pytest.raises(Garbled, match="says 2 rows and has 1: Group id"):
        rows([*LIST[:missing], *LIST[missing + 1 :]], header="Group id")


@pytest.mark.parametrize("total", ["Total Groups: 3", "Total Groups: 1", "Total Groups: 0"])
def test_a_total_that_does_not_fit_is_garbled(total: str):
    with pytest.raises(Garbled):
        rows([*LIST[:-1], total], header="Group id")


@pytest.mark.parametrize(
    "last", ["Total Groups: ", "Total Groups: x", "Total Groups: 2 more", "jcli : ", "2"]
)
def test_what_is_no_total_is_garbled(last: str):
    with pytest.raises(Garbled):
        rows([*LIST[:-1], last], header="Group id")


def test_an_object_named_like_the_header_is_a_row():
    reply = ["#Group id        ", "#Group           ", "Total Groups: 1"]

    assert [row.strip() for row in rows(reply, header="Group id")] == ["Group"]


def test_settings_keep_inner_spaces_and_know_empty_values():
    found = settings(["username ac  me", "systype", "password ;#+x"])

    assert found == {"username": "ac  me", "systype": "", "password": ";#+x"}


def test_settings_of_users_have_three_words_in_their_key():
    found = settings(["cred valuefilter content ^two words$", "cred quota balance ND"], keys=3)

    assert found == {"cred valuefilter content": "^two words$", "cred quota balance": "ND"}


def test_a_table_of_statistics_has_two_columns():
    found = table(["#Item        Value", "#created_at  2026-01-02 03:04:05", "#last_seqNum"])

    assert found["created_at"] == "2026-01-02 03:04:05"
    assert found["last_seqNum"] == ""
