"""Values that would become a second command on Jasmin's console are refused."""

from __future__ import annotations

import pytest

from messaging.credentials.models import Credential
from tests.messaging.credentials.conftest import audit_rows, stored

ACCOUNT = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}
TEXTS = ("name", "host", "system_id", "password", "system_type", "address_range")
REACH_THE_CONSOLE = TEXTS[1:]
SECRET = "password"
HOSTILE = {
    "carriage return": "a\rquit",
    "line feed": "a\nok",
    "both": "a\r\nok",
    "trailing line feed": "a\n",
    "tab": "a\tb",
    "escape": "a\x1b[A",
    "nul": "a\x00b",
    "delete": "a\x7f",
    "ten kilobytes": "x" * 10_240,
    "none": "none",
    "None": "None",
    "half a surrogate": "a\ud800",
}
FOREIGN = {"umlaut": "pä", "euro": "€", "fullwidth": "１", "bidi": "a\u202eb", "nel": "a\x85b"}


def cases(fields: tuple[str, ...], values: dict[str, str]) -> list:
    return [
        pytest.param(field, value, id=f"{field}-{name}")
        for field in fields
        for name, value in values.items()
    ]


def assert_refused(answer, field: str, value: str) -> None:
    assert answer.status_code == 422, answer.content
    error = answer.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"]["field"] == field
    assert [entry["field"] for entry in error["details"]["errors"]] == [field]
    assert len(answer.content) < 2_000
    if field == SECRET:
        assert "value" not in error["details"]


@pytest.mark.parametrize(
    ("field", "value"), cases(TEXTS, HOSTILE) + cases(REACH_THE_CONSOLE, FOREIGN)
)
def test_create_refuses_it_and_names_the_field(api, field, value):
    assert_refused(api.post("", ACCOUNT | {field: value}), field, value)
    assert Credential.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    cases(("name", "host", "system_type", "address_range"), HOSTILE)
    + cases(("host", "system_type", "address_range"), FOREIGN),
)
def test_patch_refuses_it_and_names_the_field(api, field, value):
    credential_id = api.add()
    assert_refused(api.patch(f"/{credential_id}", {field: value}), field, value)
    assert stored(credential_id).version == 1


@pytest.mark.parametrize(("field", "value"), cases((SECRET,), HOSTILE | FOREIGN))
def test_rotate_refuses_it_and_echoes_nothing(api, field, value):
    credential_id = api.add()
    answer = api.rotate(credential_id, password=value, verify=False)
    assert_refused(answer, field, value)
    assert stored(credential_id).version == 1
    assert [row.action for row in audit_rows()] == ["credential.created"]


@pytest.mark.parametrize("field", ["system_id", "password", "system_type", "address_range"])
@pytest.mark.parametrize("value", [" a", "a ", "  "])
def test_spaces_at_the_edges_are_refused(api, field, value):
    assert_refused(api.post("", ACCOUNT | {field: value}), field, value)


@pytest.mark.parametrize(
    "value",
    ['"', "'", ";", "#", "+x", "\\", "\\n", "a b", "?", "-u", "$(id)", "%00", "&&ok", "nonex"],
)
def test_what_is_harmless_arrives_byte_for_byte(api, value):
    credential_id = api.add(system_id=value, password=value, system_type=value, address_range=value)
    data = api.get(f"/{credential_id}").json()["data"]
    assert [data[name] for name in ("system_id", "system_type", "address_range")] == [value] * 3
    assert api.reveal(credential_id).json()["data"]["password"] == value


def test_ten_kilobytes_in_the_search_are_refused(api):
    answer = api.get("?q=" + "x" * 10_240)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["field"] == "q"


@pytest.mark.parametrize(
    "credential_id", ["x", "cred_", "cred_" + "0" * 40, "cred_%00", "%F0%9F", "*"]
)
def test_what_is_no_id_is_not_found(api, credential_id):
    answer = api.get(f"/{credential_id}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"
