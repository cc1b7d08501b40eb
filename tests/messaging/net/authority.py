"""An authority, and carriers with certificates of every kind."""

from __future__ import annotations

import datetime
import socket
import ssl
import tempfile
from dataclasses import dataclass
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """PEM."""

    certificate: str
    key: str


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Issues certificates; `certificate` is its own."""

    def __init__(self, name: str = "Test Authority") -> None:
        self._name = _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._signed(self._name, self._key, is_authority=True).certificate

    def issue(
        self, name: str = "127.0.0.1", *, begin: int = -1, end: int = 1, lifetime_over: bool = False
    ) -> Pair:
        """For `name`, a host or an address; valid from `begin` to `end`, days from now."""
        if lifetime_over:
            begin, end = -2, -1
        key = ec.generate_private_key(ec.SECP256R1())
        return self._signed(_name(name), key, names=[name], begin=begin, end=end)

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        names: list[str] | None = None,
        is_authority: bool = False,
        begin: int = -1,
        end: int = 1,
    ) -> Pair:
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begin * DAY)
            .not_valid_after(now + end * DAY)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if names:
            alternatives = x509.SubjectAlternativeName(list(map(_alternative, names)))
            made = made.add_extension(alternatives, critical=False)
        certificate = made.sign(self._key, hashes.SHA256())
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Pair(certificate.public_bytes(Encoding.PEM).decode(), secret.decode())


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def context(pair: Pair, *, clients_of: str = "") -> ssl.SSLContext:
    """Of a server with `pair`. `clients_of`: only for clients of that authority (PEM)."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(pair.key + pair.certificate)
        file.flush()
        made.load_cert_chain(file.name)
    if clients_of:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(cadata=clients_of)
    return made


def serving(pair: Pair, *, clients_of: str = "", old: bool = False):
    """`serve` of a Peer: TLS with `pair`, then an answer to what comes. `old`: TLS 1.2 at most."""
    server = context(pair, clients_of=clients_of)
    if old:
        server.maximum_version = ssl.TLSVersion.TLSv1_2

    def serve(connection: socket.socket) -> None:
        with server.wrap_socket(connection, server_side=True) as secured:
            data = secured.recv(1024)
            secured.sendall(data)
            secured.recv(1)

    return serve
