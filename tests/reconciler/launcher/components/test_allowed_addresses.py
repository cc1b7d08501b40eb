"""From where a user may bind: the SMPP server refuses others as it refuses a wrong password."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reconciler.launcher import jasmin_python

PROGRAM = """
import json, struct
import sys
import tempfile
open(CONFIG := tempfile.mktemp(), "w").write("[smpp-server]\\nlog_file = stdout-nothing\\n")
from reconciler.launcher.corrections import user_keys
user_keys.correct()
from twisted.cred import portal
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.testing import StringTransport
from jasmin.protocols.smpp.configs import SMPPServerConfig
from jasmin.routing.jasminApi import Group, User
from jasmin.tools.cred.checkers import RouterAuthChecker
from jasmin.tools.cred.portal import SmppsRealm
from messaging.smpp.protocol.pdu import write, header
from reconciler.launcher.components.smpp_server import SmppServerFactory

acme = User("acme", Group("acme"), "acme", "secret")
other = User("other", Group("other"), "other", "secret")

class Router:
    users = [acme, other]
    def authenticateUser(self, username, password):
        found = (each for each in self.users if each.username == username)
        return next(found, None) if password == "secret" else None

told = []
router = Router()
doors = portal.Portal(SmppsRealm("smpps", router))
doors.registerChecker(RouterAuthChecker(router))
factory = SmppServerFactory(SMPPServerConfig(CONFIG), auth_portal=doors)
factory.on_refused = lambda *refusal: told.append(refusal)
user_keys.on_change.append(factory.end_strangers)

class Session:
    def __init__(self, address, system_id=b"acme", password=b"secret"):
        self.protocol = factory.buildProtocol(None)
        kind = IPv6Address if ":" in address else IPv4Address
        self.transport = StringTransport(peerAddress=kind("TCP", address, 1))
        self.protocol.makeConnection(self.transport)
        self.protocol.dataReceived(write(
            "bind_transceiver", sequence=1, system_id=system_id, password=password))

    def heard(self):
        found, raw = [], self.transport.value()
        while raw:
            size = struct.unpack(">L", raw[:4])[0]
            head = header(raw[:size])
            found.append([head.command, head.status])
            raw = raw[size:]
        return found

def allow(user, value):
    user.smpps_credential.setQuota("allowed_ips", value)

def result(**values):
    print("RESULT" + json.dumps(values))
"""


def run(body: str, **environment: str) -> Any:
    done = jasmin_python.run(PROGRAM + body, **environment)
    assert "RESULT" in done.stdout, done.stderr
    return json.loads(done.stdout.partition("RESULT")[2])


BOUND, REFUSED = [["bind_transceiver_resp", 0]], [["bind_transceiver_resp", 0x0E]]


@pytest.mark.parametrize(
    ("allowed", "address", "is_let_in"),
    [
        (None, "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.9", True),
        ("198.51.100.0/24,203.0.113.0/24", "203.0.113.9", True),
        ("203.0.113.0/24", "::ffff:203.0.113.9", True),
        ("2001:db8:1::/48", "2001:db8:1:2::3", True),
        ("198.51.100.0/24", "203.0.113.9", False),
        ("203.0.113.0/24", "2001:db8::1", False),
        ("2001:db8:1::/48", "2001:db8:2::1", False),
    ],
)
def test_a_user_binds_from_its_addresses_alone(
    allowed: str | None, address: str, is_let_in: bool
) -> None:
    heard = run(f"allow(acme, {allowed!r}); result(heard=Session({address!r}).heard())")["heard"]

    assert heard == (BOUND if is_let_in else REFUSED)


def test_the_right_password_from_elsewhere_is_answered_as_a_wrong_one() -> None:
    """Octet by octet; the log alone tells them apart."""
    found = run("""
allow(acme, "198.51.100.0/24")
right = Session("203.0.113.9")
wrong = Session("203.0.113.9", password=b"guess")
unknown = Session("203.0.113.9", b"acmf", b"guess")
result(right=right.transport.value().hex(), wrong=wrong.transport.value().hex(),
    unknown=unknown.heard(), told=told)
""")

    assert found["right"] == found["wrong"]
    assert found["unknown"] == REFUSED
    assert [each[2] for each in found["told"]] == ["address", "login", "login"]


def test_refusals_for_the_address_are_counted_with_wrong_passwords() -> None:
    found = run(
        """
allow(acme, "198.51.100.0/24")
first = Session("203.0.113.9").heard()
second = Session("203.0.113.9", password=b"guess").heard()
third = Session("203.0.113.9").heard()
result(heard=[first, second, third], told=told, home=Session("198.51.100.7").heard())
""",
        SMPP_SERVER_LOGIN_LIMIT="2/300",
    )

    assert found["heard"] == [REFUSED, REFUSED, []]
    assert [each[2:] for each in found["told"]] == [["address", False], ["login", True]]
    assert found["home"] == BOUND


def test_sessions_from_addresses_that_are_no_longer_allowed_are_ended_and_no_others() -> None:
    found = run("""
stays, goes = Session("198.51.100.7"), Session("203.0.113.9")
others = Session("203.0.113.9", b"other")
allow(acme, "198.51.100.0/24")
result(stays=stays.heard(), goes=goes.heard(), others=others.heard())
""")

    assert found["stays"] == found["others"] == BOUND
    assert [command for command, _ in found["goes"]] == ["bind_transceiver_resp", "unbind"]


def test_a_store_of_a_stock_jasmin_has_no_list_and_lets_all_in() -> None:
    found = run("""
before = acme.smpps_credential.__dict__["quotas"].keys()
result(has="allowed_ips" in before, shown=acme.smpps_credential.getQuota("allowed_ips"),
    heard=Session("203.0.113.9").heard())
""")

    assert found == {"has": False, "shown": None, "heard": BOUND}


@pytest.mark.parametrize("text", ["", "198.51.100.7,", "anything", "198.51.100.7 203.0.113.9"])
def test_what_is_no_list_of_addresses_is_refused(text: str) -> None:
    found = run(f"""
from jasmin.routing.jasminApi import jasminApiCredentialError
try:
    allow(acme, {text!r})
    result(said="")
except jasminApiCredentialError as error:
    result(said=str(error))
""")

    assert "addresses or CIDR" in found["said"]
