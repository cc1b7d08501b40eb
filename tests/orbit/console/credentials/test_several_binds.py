"""Several binds of a credential in the console."""

from __future__ import annotations

import pytest

from messaging.credentials.models import Credential, CredentialStatus
from tests.orbit.console.conftest import SECRET, path_of
from tests.orbit.console.credentials.test_admin import LIST
from tests.orbit.console.credentials.test_change import fields


def bind(host: str, state: str = "bound", error: str | None = None) -> dict:
    return {
        "bind_type": "transceiver",
        "host": host,
        "port": 2775,
        "state": state,
        "since": "2026-03-08T12:00:00Z",
        "error": error,
    }


def change(credential: Credential, sessions: list[dict], **status: object) -> None:
    Credential.objects.filter(pk=credential.pk).update(
        binds=2, backups=[{"host": "127.0.0.2", "port": 2775}]
    )
    CredentialStatus.objects.filter(pk=credential.pk).update(
        bound=1, bind_state="bound", sessions=sessions, **status
    )


def test_backups_are_a_line_each(administrator, credential):
    path = path_of(credential, "edit")
    lines = "127.0.0.2 3550\r\n\r\n 127.0.0.3 \r\n"

    answer = administrator.post(path, fields(credential, binds=3, backups=lines))

    assert answer.status_code == 302, answer.text
    row = Credential.objects.get(pk=credential.pk)
    hosts = [{"host": "127.0.0.2", "port": 3550}, {"host": "127.0.0.3", "port": 2775}]
    assert (row.binds, row.backups) == (3, hosts)
    assert "127.0.0.2 3550\n127.0.0.3 2775" in administrator.get(path).text
    assert "127.0.0.2 3550, 127.0.0.3 2775" in administrator.get(path_of(credential)).text


@pytest.mark.parametrize("line", ["127.0.0.2 many", "not/a/host 2775", "10.0.0.7 2775"])
def test_what_is_wrong_with_a_backup_stands_beside_the_field(administrator, credential, line):
    answer = administrator.post(
        path_of(credential, "edit"), fields(credential, backups=f"127.0.0.2 2776\n{line}")
    )

    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {"backups"}
    assert Credential.objects.get(pk=credential.pk).backups == []


def test_an_operator_who_may_not_reveal_needs_the_password_for_a_backup(operator, credential):
    path = path_of(credential, "edit")

    refused = operator.post(path, fields(credential, backups="127.0.0.2 2775"))
    taken = fields(credential, backups="127.0.0.2 2775", current_password=SECRET)

    assert "sends the stored password somewhere else" in refused.text
    assert operator.post(path, taken).status_code == 302


def test_each_bind_is_on_the_page(operator, credential):
    change(credential, [bind("127.0.0.2"), bind("127.0.0.1", "unbound", "no such luck")])

    text = operator.get(path_of(credential, "status")).text

    assert "1 of 2 binds are up" in text
    assert "no such luck" in text
    assert text.count('<span class="oc-label">backup</span>') == 1


def test_the_list_says_how_many_are_up_and_what_lacks_some_is_in_trouble(operator, credential):
    change(credential, [], bind_error="1 of 2 binds is down")

    assert "1 of 2" in operator.get(LIST).text
    assert credential.name in operator.get(f"{LIST}?trouble=yes").text
