"""A session of the SMPP server: wrong passwords are answered so often, and then no more."""

from __future__ import annotations

import json
from pathlib import Path

from messaging.access.refused_login import RefusedLogin
from messaging.receipts import log_records
from tests.reconciler.launcher import jasmin_python

PROGRAM = """
import json, struct
import tempfile
open(CONFIG := tempfile.mktemp(), "w").write("[smpp-server]\\nlog_file = stdout-nothing\\n")
from twisted.cred import portal
from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport
from smpp.twisted.protocol import SMPPSessionStates
from jasmin.protocols.smpp.configs import SMPPServerConfig
from jasmin.tools.cred.checkers import RouterAuthChecker
from jasmin.tools.cred.portal import SmppsRealm
from messaging.smpp.protocol.pdu import write, header
from reconciler.launcher.components.smpp_server import SmppServerFactory

class Router:
    def authenticateUser(self, username, password):
        return None

told = []
router = Router()
doors = portal.Portal(SmppsRealm("smpps", router))
doors.registerChecker(RouterAuthChecker(router))
factory = SmppServerFactory(SMPPServerConfig(CONFIG), auth_portal=doors)
factory.on_refused = lambda *refusal: told.append(refusal)

def bind(address, system_id=b"acme", times=1, is_bound=False):
    session = factory.buildProtocol(None)
    transport = StringTransport(peerAddress=IPv4Address("TCP", address, 1))
    session.makeConnection(transport)
    if is_bound:
        session.sessionState = SMPPSessionStates.BOUND_TRX
    for number in range(times):
        session.dataReceived(write(
            "bind_transceiver", sequence=number + 1, system_id=system_id, password=b"guess"))
    answers, raw = [], transport.value()
    while raw:
        size = struct.unpack(">L", raw[:4])[0]
        answers.append(header(raw[:size]).status)
        raw = raw[size:]
    return answers

result = {
    "in one session": bind("198.51.100.7", times=4),
    "in another": bind("198.51.100.7"),
    "another name": bind("198.51.100.7", b"other"),
    "elsewhere": bind("198.51.100.8"),
    "bound": bind("198.51.100.9", times=3, is_bound=True),
    "told": told,
}
print("RESULT" + json.dumps(result))
"""


def test_after_so_many_wrong_passwords_binds_get_no_answer() -> None:
    done = jasmin_python.run(PROGRAM, SMPP_SERVER_LOGIN_LIMIT="2/300")
    assert "RESULT" in done.stdout, done.stderr
    result = json.loads(done.stdout.partition("RESULT")[2])
    assert result["in one session"] == [0x0E, 0x0E]
    assert result["in another"] == []
    assert result["another name"] == result["elsewhere"] == [0x0E]
    assert result["bound"] == [0x05] * 3  # whatever the password: no guesses, and none is counted
    assert result["told"] == [
        ["acme", "198.51.100.7", False],
        ["acme", "198.51.100.7", True],
        ["other", "198.51.100.7", False],
        ["acme", "198.51.100.8", False],
    ]


RECORD = """
import sys
from pathlib import Path
from reconciler.launcher.lane.storage import Storage

storage = Storage(Path(sys.argv[1]), max_octets=1_000_000)
storage.login_refused("acme", "198.51.100.7", True)
print("RESULT" + storage.journal.read(0, 10)[0].decode())
"""


def test_the_site_reads_a_refusal_in_the_gateway_s_log(tmp_path: Path) -> None:
    done = jasmin_python.run(RECORD, str(tmp_path / "lane"))
    assert "RESULT" in done.stdout, done.stderr
    record = log_records.read(json.loads(done.stdout.partition("RESULT")[2]))
    assert isinstance(record, RefusedLogin)
    assert (record.user, record.address, record.silenced) == ("acme", "198.51.100.7", True)
