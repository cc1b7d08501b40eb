"""A stored password goes where it was meant to go, and nobody connects to our own networks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from messaging.credentials.models import Credential
from messaging.net import host_policy
from orbit.accounts.models import AuditEvent
from tests.e2e.api import CREDENTIALS, Answer, Api
from tests.e2e.listening import Trap, trap
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.stack

PASSWORD = "St0red;#"


@pytest.fixture
def elsewhere() -> Iterator[Trap]:
    with trap("127.0.0.3") as running:
        yield running


# -- a key without the reveal right ----------------------------------------------------------


@pytest.fixture
def stored(site, api, gateway, smsc) -> dict:
    """A bound credential."""
    smsc.add_system("acme", PASSWORD)
    made = api.add(port=smsc.port, password=PASSWORD)
    eventually(lambda: api.read(made["id"])["bind"]["state"] == "bound")
    return made


@pytest.fixture
def writer(make_api) -> Api:
    """May write credentials, and reveal none."""
    return make_api(role="developer")


def test_it_cannot_send_a_stored_password_to_another_address(site, writer, stored, elsewhere, smsc):
    path = f"{CREDENTIALS}/{stored['id']}"
    moves: dict[str, Answer] = {
        "host": writer.patch(path, {"host": "127.0.0.3"}),
        "port": writer.patch(path, {"name": "Moved", "port": elsewhere.port}),
        "tls": writer.patch(path, {"tls": True, "throughput": 9}),
    }
    guesses = [
        writer.patch(path, {"host": "127.0.0.3", "current_password": guess})
        for guess in ("wrong", PASSWORD.lower(), PASSWORD + "x")
    ]
    harmless = writer.patch(path, {"enabled": True, "system_type": "x", "host": "127.0.0.1"})
    others = [
        writer.rotate(stored["id"], {"activate": True}),
        writer.rotate(stored["id"], {"host": "127.0.0.3"}),
        writer.reveal(stored["id"]),
    ]
    site.wait_for_tasks()

    for name, answer in moves.items():
        assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSIONS")
        assert answer.error["details"]["field"] == name
    assert {answer.status for answer in guesses} == {403}
    assert harmless.status == 200
    assert [answer.status for answer in others] == [409, 422, 403]
    row = Credential.objects.get()
    assert (row.host, row.port, row.tls, row.name) == (
        "127.0.0.1", smsc.port, False, stored["name"],
    )  # fmt: skip
    assert elsewhere.caught == []


def test_who_knows_the_password_may_move_it(writer, stored, make_smsc):
    elsewhere = make_smsc(host="127.0.0.3")
    elsewhere.add_system("acme", PASSWORD)
    body = {"host": "127.0.0.3", "port": elsewhere.port, "current_password": PASSWORD}

    answer = writer.patch(f"{CREDENTIALS}/{stored['id']}", body)

    assert answer.status == 200
    eventually(lambda: elsewhere.system("acme").live_binds == 1)
    events = AuditEvent.objects.filter(action="credential.updated")
    assert [event.changes for event in events] == [["host", "port"]]


def test_guessing_ends_after_five_and_then_the_right_one_is_not_compared_either(
    writer, stored, elsewhere
):
    path = f"{CREDENTIALS}/{stored['id']}"

    def move(guess: str) -> Answer:
        return writer.patch(path, {"port": elsewhere.port, "current_password": guess})

    wrong = [move(f"guess{number}") for number in range(5)]
    right = move(PASSWORD)

    assert {answer.status for answer in wrong} == {403}
    assert (right.status, right.code) == (429, "RATE_LIMIT_EXCEEDED")
    assert int(right.headers["Retry-After"]) > 0
    assert Credential.objects.get().port == stored["port"]
    assert elsewhere.caught == []


def test_a_staged_password_does_not_move_along(api, writer, stored, elsewhere):
    api.rotate(stored["id"])

    answer = writer.patch(
        f"{CREDENTIALS}/{stored['id']}", {"port": elsewhere.port, "current_password": PASSWORD}
    )

    assert (answer.status, answer.error["details"]["field"]) == (403, "port")
    assert elsewhere.caught == []


# -- our own networks ------------------------------------------------------------------------

FORBIDDEN = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::",
    "localhost", "LOCALHOST.", "127.1", "2130706433", "0x7f000001", "017700000001", "0177.0.0.1",
    "[::1]", "127.0.0.1:2775", "http://127.0.0.1", "user@127.0.0.1", "127.0.0.1/", "fe80::1%eth0",
]  # fmt: skip


def test_addresses_that_are_not_public_are_refused_by_name_of_the_field(make_site, make_api):
    api = make_api(base_url=make_site(SMPP_ALLOWED_NETWORKS="").base_url)
    body = {"system_id": "acme", "password": "secret"}
    hosts_of_ours = [*FORBIDDEN, *host_policy.own_addresses()]

    answers = {host: api.post(CREDENTIALS, body | {"host": host}) for host in hosts_of_ours}

    refused = {host: (a.status, a.error["details"]["field"]) for host, a in answers.items()}
    assert refused == dict.fromkeys(hosts_of_ours, (422, "host"))
    assert not Credential.objects.exists()


def test_a_patch_to_them_is_refused_too(make_site, make_api):
    api = make_api(base_url=make_site(SMPP_ALLOWED_NETWORKS="127.0.0.2/32").base_url)
    made = api.add(host="127.0.0.2")
    path = f"{CREDENTIALS}/{made['id']}"

    answers = [
        api.patch(path, {"host": host}) for host in ("127.0.0.1", "169.254.169.254", "localhost")
    ]

    assert [(a.status, a.error["details"]["field"]) for a in answers] == [(422, "host")] * 3
    assert api.read(made["id"])["host"] == "127.0.0.2"
