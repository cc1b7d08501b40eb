"""Which users may submit to the lane, and through which connectors."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from reconciler.gateway_api import LOG, SUBMITS
from tests.reconciler.launcher.jasmin_client import JasminClient

pytestmark = pytest.mark.stack


def ask(
    client: JasminClient, path: str, user: str, password: str, body: Any = None
) -> tuple[int, Any]:
    login = b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(
        client.jasmin.http_url + path,
        None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Basic {login}"},
    )
    try:
        answer = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, json.loads(answer.read())


def submit(client: JasminClient, user: str, token: str, password: str = "pw") -> tuple[int, Any]:
    one = {"token": token, "from": "ACME", "to": "+33612345678", "parts": [b"hello".hex()]}
    return ask(client, SUBMITS, user, password, {"submits": [one]})


def read(client: JasminClient, **query: object) -> tuple[int, Any]:
    words = "&".join(f"{key}={value}" for key, value in query.items())
    operator = client.jasmin.jcli_username, client.jasmin.jcli_password
    return ask(client, f"{LOG}?{words}", *operator)


def test_a_message_goes_to_the_users_own_connector_and_its_end_is_read(
    launched: JasminClient, carrier
) -> None:
    smsc = carrier()
    launched.open(carrier(system_id="other"), system_id="other")
    cid = launched.open(smsc)

    status, said = submit(launched, cid, "token-1")

    assert (status, said["results"]) == (200, [{"token": "token-1", "accepted": True}])
    launched.wait(lambda: len(read(launched, after=0)[1]["records"]) == 2)
    answer, receipt = read(launched, after=0)[1]["records"]
    assert (answer["kind"], answer["token"], answer["status"]) == ("answer", "token-1", 0)
    assert (receipt["kind"], receipt["cid"], receipt["access"]) == ("deliver", cid, False)


def test_its_connectors_are_those_of_the_route_as_it_is_now(
    launched: JasminClient, carrier
) -> None:
    cid = launched.open(carrier())
    assert submit(launched, cid, "token-1")[0] == 200

    launched.type("mtrouter -f")

    assert submit(launched, cid, "token-2") == (
        403,
        {"error": "no_route", "detail": submit(launched, cid, "token-2")[1]["detail"]},
    )


@pytest.mark.parametrize(
    "lines",
    [
        ["user -d {cid}"],
        ["group -d {gid}"],
        ["user -u {cid}", "mt_messaging_cred authorization http_send no", "ok"],
        ["user -u {cid}", "password other", "ok"],
        ["user -r {cid}"],
    ],
)
def test_users_who_may_not_send_over_http_submit_nothing(
    launched: JasminClient, carrier, lines
) -> None:
    cid = launched.make(carrier())
    group = next(
        line for line in launched.type("group -l") if line.startswith("#") and " id" not in line
    )

    launched.type(*(line.format(cid=cid, gid=group.strip("# ")) for line in lines))

    assert submit(launched, cid, "token-1")[0] == 401


@pytest.mark.parametrize(("user", "password"), [("", ""), ("nobody", "pw"), ("é", "ü")])
def test_unknown_users_submit_nothing(launched: JasminClient, user: str, password: str) -> None:
    assert submit(launched, user, "token-1", password)[0] == 401


def test_only_the_consoles_user_reads_the_log(launched: JasminClient, carrier) -> None:
    cid = launched.make(carrier())
    right = launched.jasmin.jcli_username, launched.jasmin.jcli_password

    for user, password in ((cid, "pw"), (right[0], "pw"), ("other", right[1]), ("", "")):
        assert ask(launched, f"{LOG}?after=0", user, password)[0] == 401
    assert ask(launched, f"{LOG}?after=0", *right)[0] == 200


def written_by(client: JasminClient, *lines: str) -> set[str]:
    """The files of the store that `persist` writes after these lines."""
    store = Path(client.jasmin.store)

    def files() -> dict[str, int]:
        return {path.suffix[1:]: path.stat().st_ino for path in store.glob("jcli-prod.*")}

    before = files()
    said = client.type(*lines, "persist")
    assert sum("configuration persisted" in line for line in said) == 9
    return {name for name, inode in files().items() if before.get(name) != inode}


def test_what_has_not_changed_is_not_persisted_again(launched: JasminClient, carrier) -> None:
    cid = launched.make(carrier())
    launched.type("persist")

    assert written_by(launched) == set()
    live = ("submit_throughput 7", "ok")
    assert written_by(launched, f"smppccm -u {cid}", *live) == {"smppccs"}
    assert written_by(launched, f"user -u {cid}", "password other", "ok") == {"router-users"}
    assert written_by(launched, f"user -d {cid}") == {"router-users"}
    assert written_by(launched, "mtrouter -f") == {"router-mtroutes"}
    assert written_by(launched, "group -a", "gid more", "ok") == {"router-groups"}
    launched.jasmin.kill()
    launched.jasmin.start()
    assert submit(launched, cid, "token-1", "other")[0] == 403, "its password is known"
    assert "#more" in [line.strip() for line in launched.type("group -l")]
    assert "submit_throughput 7" in launched.type(f"smppccm -s {cid}")
