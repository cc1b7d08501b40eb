"""Certificates and private keys in PEM, as pasted into a form: checked, and normalised.

Pure except for the clock. Functions raise ValueError; no message repeats any part of a key.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

MAX_CERTIFICATES = 16_384  # characters; a gateway prints them in every pass
MAX_KEY = 8_192  # an RSA key of 8,192 bits takes 6,400
MAX_NAME = 60  # characters of a subject that a message shows

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


def certificates(text: str) -> str:
    """One or more certificates that are valid now, without the text between them."""
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in _valid(text))


def key(text: str) -> str:
    """A private key that needs no passphrase, as PKCS #8."""
    _at_most(text, MAX_KEY)
    kinds = [match[1] for match in _BLOCK.finditer(text)]
    if "CERTIFICATE" in kinds:
        raise ValueError(
            "There is a certificate in it: put that into `tls_certificate`, and the key here."
        )
    if len(kinds) != 1 or not kinds[0].endswith("PRIVATE KEY"):
        raise ValueError(
            "Write one private key in PEM: it begins with -----BEGIN PRIVATE KEY----- (or RSA or "
            "EC PRIVATE KEY) and ends with the line -----END …."
        )
    return _pkcs8(_loaded(text))


def described(certificates: str) -> list[str]:
    """For each certificate its subject and its last day, for people."""
    return [
        f"{each.subject.rfc4514_string()[:MAX_NAME]} until {each.not_valid_after_utc:%Y-%m-%d}"
        for each in x509.load_pem_x509_certificates(certificates.encode())
    ]


def end_of(certificates: str) -> datetime:
    """When the first of them ends that does."""
    found = x509.load_pem_x509_certificates(certificates.encode())
    return min(each.not_valid_after_utc for each in found)


def key_mismatch(key: str, certificates: str) -> str:
    """Why `key` and the first of `certificates` are no pair; "" if they are."""
    public = _public(_loaded(key))
    found = x509.load_pem_x509_certificates(certificates.encode())
    places = [place for place, each in enumerate(found, 1) if _public_of(each) == public]
    if not places:
        return "It is not the key of the certificate in `tls_certificate`: send the pair."
    if places[0] > 1:
        return (
            f"It is the key of certificate {places[0]} in `tls_certificate`: put that one first, "
            "and those that issued it behind."
        )
    return ""


def _valid(text: str) -> list[x509.Certificate]:
    _at_most(text, MAX_CERTIFICATES)
    blocks = list(_BLOCK.finditer(text))
    if any(block[1].endswith("PRIVATE KEY") for block in blocks):
        raise ValueError(
            "There is a private key in it, and certificates are shown in answers: put the key into "
            "`tls_key`. Nothing was stored."
        )
    if not blocks:
        raise ValueError(
            "Write certificates in PEM: each begins with -----BEGIN CERTIFICATE----- and ends with "
            "-----END CERTIFICATE-----. A file in DER becomes one by `openssl x509 -inform der`."
        )
    found = [_read(place, block) for place, block in enumerate(blocks, 1)]
    for place, certificate in enumerate(found, 1):
        _check_time(place, certificate)
    return found


def _read(place: int, block: re.Match[str]) -> x509.Certificate:
    if block[1] not in ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"):
        raise ValueError(f"Block {place} is a {block[1]}, not a CERTIFICATE: leave it out.")
    try:
        return x509.load_pem_x509_certificate(block[0].encode())
    except ValueError:
        raise ValueError(
            f"Certificate {place} can't be read: paste it whole, line by line as it is in its file."
        ) from None


def _check_time(place: int, certificate: x509.Certificate) -> None:
    now = datetime.now(UTC)
    whose = f"Certificate {place} ({certificate.subject.rfc4514_string()[:MAX_NAME]})"
    if certificate.not_valid_after_utc <= now:
        raise ValueError(
            f"{whose} expired on {certificate.not_valid_after_utc:%Y-%m-%d}: replace it by its "
            "successor, or leave it out if others follow."
        )
    if certificate.not_valid_before_utc > now:
        raise ValueError(
            f"{whose} is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC: "
            "set it then."
        )


def _loaded(text: str) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(text.encode(), password=None)
    except TypeError:
        raise ValueError(
            "The key is encrypted: write it without its passphrase, as `openssl pkey -in FILE` "
            "prints it. It is stored encrypted, and never shown."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(
            "The key can't be read: paste it whole, line by line as it is in its file."
        ) from None


def _pkcs8(key: PrivateKeyTypes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _public(key: PrivateKeyTypes) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _public_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _at_most(text: str, limit: int) -> None:
    if len(text) > limit:
        raise ValueError(
            f"At most {limit} characters are taken, this has {len(text)}: leave out what is not "
            "needed."
        )
