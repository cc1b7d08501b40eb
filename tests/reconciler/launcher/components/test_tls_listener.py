"""The SMPP server's second port: TLS with the operator's certificate."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.reconciler.launcher import jasmin_python

PROGRAM = """
import json, os, socket, ssl, sys
from twisted.internet import reactor, threads
from twisted.internet.protocol import Factory, Protocol
from reconciler.launcher.components import tls_listener

class Peer(Protocol):
    def connectionMade(self):
        self.transport.write(self.transport.getPeer().host.encode())

def look(port):
    context = ssl.create_default_context(cafile=os.environ["SMPP_SERVER_TLS_CERTIFICATE"])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname="smpp.example") as secure:
            return {"version": secure.version(), "peer": secure.recv(99).decode()}

try:
    port = tls_listener.open_port(
        Factory.forProtocol(Peer), interface="127.0.0.1", environ=os.environ)
except tls_listener.TlsSettingsWrong as error:
    print("RESULT" + json.dumps({"error": str(error)}))
    sys.exit()
if port is None:
    print("RESULT" + json.dumps({"port": None}))
    sys.exit()
seen = threads.deferToThread(look, port.getHost().port)
seen.addCallback(lambda found: print("RESULT" + json.dumps(found)))
seen.addErrback(lambda failure: print(failure))
seen.addBoth(lambda _: reactor.stop())
reactor.run()
"""


def key_and_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.key", folder / f"{name}.pem"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    paths[0].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    paths[1].write_bytes(certificate.public_bytes(pem))
    return paths


def opened(**variables: object) -> dict[str, object]:
    environment = {f"SMPP_SERVER_TLS_{name}": str(each) for name, each in variables.items()}
    done = jasmin_python.run(PROGRAM, **environment)
    assert "RESULT" in done.stdout, done.stdout + done.stderr
    return json.loads(done.stdout.partition("RESULT")[2])


def test_a_platform_binds_over_tls_and_checks_the_certificate(tmp_path: Path) -> None:
    key, certificate = key_and_certificate(tmp_path, "smpp.example")
    seen = opened(PORT=0, CERTIFICATE=certificate, KEY=key)
    assert seen["version"] in ("TLSv1.2", "TLSv1.3")
    assert seen["peer"] == "127.0.0.1"  # as the limits of logins see it


def test_without_a_port_there_is_none() -> None:
    assert opened(PORT="") == {"port": None}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"PORT": "many"}, "SMPP_SERVER_TLS_PORT"),
        ({"PORT": "65536"}, "SMPP_SERVER_TLS_PORT"),
        ({"KEY": "/nowhere"}, "SMPP_SERVER_TLS_KEY"),
        ({"CERTIFICATE": "/nowhere"}, "SMPP_SERVER_TLS_CERTIFICATE"),
        ({"CERTIFICATE": "{key}"}, "SMPP_SERVER_TLS_CERTIFICATE"),
        ({"KEY": "{certificate}"}, "SMPP_SERVER_TLS_KEY"),
        ({"KEY": "{other}"}, "SMPP_SERVER_TLS_KEY is not the key of"),
    ],
)
def test_settings_that_are_wrong_are_named(tmp_path: Path, changes, named: str) -> None:
    key, certificate = key_and_certificate(tmp_path, "smpp.example")
    other, _ = key_and_certificate(tmp_path, "other.example")
    paths = {"key": key, "certificate": certificate, "other": other}
    settings = {"PORT": 0, "KEY": key, "CERTIFICATE": certificate}
    settings |= {name: value.format(**paths) for name, value in changes.items()}
    assert str(opened(**settings)["error"]).startswith(named)
