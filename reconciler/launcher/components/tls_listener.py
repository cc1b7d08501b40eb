"""A second port of the SMPP server, over TLS with the operator's certificate. Jasmin has none.

`SMPP_SERVER_TLS_PORT`, `SMPP_SERVER_TLS_CERTIFICATE` and `SMPP_SERVER_TLS_KEY` of the environment:
the port, and files of PEM (the certificate, then those that issued it; its key). No port, no TLS.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from OpenSSL import SSL, crypto
from twisted.internet import reactor, ssl
from twisted.internet.interfaces import IListeningPort

PORT, CERTIFICATE, KEY = (f"SMPP_SERVER_TLS_{name}" for name in ("PORT", "CERTIFICATE", "KEY"))


class TlsSettingsWrong(Exception):
    """The port can't be opened with these settings; the text names the variable."""


def open_port(server: Any, *, interface: str, environ: Mapping[str, str]) -> IListeningPort | None:
    """Listen for the sessions of `server`, a Twisted factory. Raises TlsSettingsWrong."""
    if not environ.get(PORT):
        return None
    if not environ[PORT].isdecimal() or int(environ[PORT]) > 65_535:
        raise TlsSettingsWrong(f"{PORT}: a port is wanted")
    options = _options(environ)
    return reactor.listenSSL(int(environ[PORT]), server, options, interface=interface)


def _options(environ: Mapping[str, str]) -> ssl.CertificateOptions:
    try:
        # An empty passphrase: without one OpenSSL would ask a terminal for it.
        key = crypto.load_privatekey(SSL.FILETYPE_PEM, _read(environ, KEY), b"")
    except (SSL.Error, crypto.Error):
        raise TlsSettingsWrong(f"{KEY}: holds no private key in PEM") from None
    pem = _read(environ, CERTIFICATE)
    begin = b"-----BEGIN CERTIFICATE-----"
    try:
        chain = [ssl.Certificate.loadPEM(begin + each) for each in pem.split(begin)[1:]]
    except (SSL.Error, crypto.Error):
        chain = []
    if not chain:
        raise TlsSettingsWrong(f"{CERTIFICATE}: holds no certificates in PEM")
    options = ssl.CertificateOptions(
        privateKey=key,
        certificate=chain[0].original,
        extraCertChain=[each.original for each in chain[1:]],
        raiseMinimumTo=ssl.TLSVersion.TLSv1_2,
    )
    try:
        options.getContext().check_privatekey()
    except SSL.Error:
        raise TlsSettingsWrong(f"{KEY} is not the key of {CERTIFICATE}") from None
    return options


def _read(environ: Mapping[str, str], variable: str) -> bytes:
    try:
        return Path(environ.get(variable, "")).read_bytes()
    except OSError as error:
        raise TlsSettingsWrong(f"{variable}: {error.strerror}") from None
