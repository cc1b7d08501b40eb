"""`POST /lane/state` of a real gateway: it tells what its console tells, and no secret."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler import actual, secret_digests, state_answer
from reconciler.gateway_api import STATE
from reconciler.jcli import users
from reconciler.jcli.connectors import digested
from reconciler.jcli.console import Console
from reconciler.state import Kind, State
from tests.reconciler.launcher.components.test_router import ask
from tests.reconciler.launcher.jasmin_client import PASSWORD, JasminClient

pytestmark = pytest.mark.stack

SALT = "00" * secret_digests.LEAST_SALT
CA = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"  # in base64; nothing is checked before a connection
PRIVATE = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t"

ROUTED = (
    *("filter -a", "fid obu", "type UserFilter", "uid ob1", "ok"),
    *(
        "filter -a",
        "fid obd",
        "type DestinationAddrFilter",
        r"destination_addr ^\+?(?:33, 1)",
        "ok",
    ),
    *("filter -a", "fid obs", "type ShortMessageFilter", "short_message hi", "ok"),
)


def route(order: int, filters: str, kind: str = "FailoverMTRoute", rate: str = "0") -> list[str]:
    connectors = (
        "connector smppc(ob1)" if kind == "StaticMTRoute" else "connectors smppc(ob1);smppc(ob1)"
    )
    return [
        *("mtrouter -a", f"type {kind}", f"order {order}", connectors),
        *(f"rate {rate}", f"filters {filters}", "ok"),
    ]


@pytest.fixture
def filled(reused: JasminClient, carrier) -> JasminClient:
    """Ours: group obg, users ob1 and ob2, connectors ob1 (bound) and ob2 with certificates; routes
    as ours are and as they are not. Theirs: a group, a user in our group, connector, routes."""
    smsc = carrier()
    link = ["host 127.0.0.1", f"port {smsc.port}", "username acme", f"password {PASSWORD}"]
    reused.type(
        *("group -a", "gid obg", "ok", "group -a", "gid theirs", "ok", "group -d theirs"),
        *("user -a", "uid ob1", "gid obg", "username ob1", "password ours"),
        *("mt_messaging_cred authorization priority no", "smpps_cred quota max_bindings 2", "ok"),
        *("user -a", "uid ob2", "gid obg", "username ob2", "password ours", "ok", "user -d ob2"),
        *("user -a", "uid them", "gid obg", "username their-name", "password x", "ok"),
        *("smppccm -a", "cid ob1", *link, "ok", "smppccm -1 ob1"),
        *("smppccm -a", "cid ob2", *link, f"tls_ca {CA}", f"tls_key {PRIVATE}", "window 7", "ok"),
        *("smppccm -a", "cid their", *link, "ok"),
        *ROUTED,
        *route(3_000_000, "obu"),
        *route(2_000_000, "obu;obd"),
        *route(2_000_001, "obd;obu"),
        *route(2_000_002, "obu;obd;obs"),
        *route(2_000_003, "obu;obd", rate="0.5"),
        *route(2_000_004, "obu", "StaticMTRoute"),
        *route(7, "obd"),
    )
    reused.wait_until_bound("ob1")
    return reused


def told(client: JasminClient, only: list[str] | None = None) -> tuple[State, str]:
    """What it tells, and the text of its answer."""
    jasmin = client.jasmin
    status, said = ask(
        client,
        STATE,
        jasmin.jcli_username,
        jasmin.jcli_password,
        {"prefix": "ob", "only": only, "salt": SALT},
    )
    assert status == 200, said
    key = secret_digests.key(jasmin.jcli_password, bytes.fromhex(SALT))
    return state_answer.read(said, key).state, json.dumps(said)


def read_by_console(client: JasminClient) -> State:
    jasmin = client.jasmin
    login = jasmin.jcli_username, jasmin.jcli_password
    with Console(jasmin.jcli_host, jasmin.jcli_port, *login) as console:
        return actual.read(console)


def without_secrets(found: State) -> State:
    """The same, without what only one of the two tells."""
    digests = certificates(found)
    return replace(
        found,
        users={uid: replace(user, password="") for uid, user in found.users.items()},
        connectors={
            cid: replace(
                each, password="", tls_key="", sessions=(), settings=each.settings | digests[cid]
            )
            for cid, each in found.connectors.items()
        },
        routes=tuple(sorted(found.routes, key=lambda each: each.order)),
        traffic={},
    )


def certificates(found: State) -> dict[str, dict[str, str]]:
    return {
        cid: {name: digested(name, each.settings[name]) for name in ("tls_ca", "tls_certificate")}
        for cid, each in found.connectors.items()
    }


def test_it_tells_what_the_console_tells(filled):
    by_console, by_door = read_by_console(filled), told(filled)[0]

    assert without_secrets(by_door) == without_secrets(by_console)
    assert len(by_door.routes) == 6
    assert by_door.foreign[Kind.ROUTE] == ("7",)
    assert by_door.connectors["ob1"].is_bound


def test_secrets_are_compared_without_being_sent(filled):
    found, text = told(filled)

    assert found.connectors["ob1"].password.fits(PASSWORD)
    assert not found.connectors["ob1"].password.fits("other")
    assert found.connectors["ob1"].tls_key == ""
    assert found.connectors["ob2"].tls_key.fits(PRIVATE)
    assert found.users["ob1"].password.fits(users.stored("ours"))
    for secret in (PASSWORD, PRIVATE, users.stored("ours"), CA):
        assert secret not in text


def test_what_is_changed_is_told_as_it_is_now(filled):
    told(filled)
    filled.type(
        *("smppccm -u ob2", "window 9", "password other", "ok"),
        *("user -u ob2", "mt_messaging_cred valuefilter content ^a", "password else", "ok"),
        *("user -e ob2", "mtrouter -r 2000001"),
    )

    found, _ = told(filled)

    assert found.connectors["ob2"].settings["window"] == "9"
    assert found.connectors["ob2"].password.fits("other")
    assert found.users["ob2"].settings["mt_messaging_cred valuefilter content"] == "^a"
    assert found.users["ob2"].password.fits(users.stored("else"))
    assert found.users["ob2"].enabled
    assert 2_000_001 not in found.orders


def test_of_given_keys_only_those_are_told_and_the_orders_of_all(filled):
    found, _ = told(filled, ["ob2", "obnot-there", "their", "them", "theirs"])

    assert (set(found.groups), set(found.users), set(found.connectors)) == (set(), {"ob2"}, {"ob2"})
    assert found.routes == ()
    assert 3_000_000 in found.orders
    assert found.foreign_usernames == {"their-name"}


def test_a_bind_is_told_with_its_session(filled):
    (session,) = told(filled)[0].connectors["ob1"].sessions
    stopped = told(filled)[0].connectors["ob2"]

    assert session.is_bound
    assert (session.bind_type, session.host) == ("transceiver", "127.0.0.1")
    assert session.since > 0
    assert not stopped.is_bound
    assert not any(each.is_bound for each in stopped.sessions)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"prefix": "ob", "only": None, "salt": "00"}, 400),
        ({"prefix": "ob", "only": None, "salt": None}, 400),
        ({"prefix": "", "only": None, "salt": SALT}, 400),
        ({"prefix": "ob", "only": "ob1", "salt": SALT}, 400),
        ({"prefix": "ob", "only": [1], "salt": SALT}, 400),
        ([], 400),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(reused, body, status):
    jasmin = reused.jasmin

    assert ask(reused, STATE, jasmin.jcli_username, jasmin.jcli_password, body)[0] == status


def test_only_the_consoles_user_is_told(filled):
    body = {"prefix": "ob", "only": None, "salt": SALT}
    jasmin = filled.jasmin

    for user, password in (("ob1", "ours"), (jasmin.jcli_username, "x"), ("", "")):
        assert ask(filled, STATE, user, password, body)[0] == 401
