"""Texts and numbers of people, sealed: ciphertext in a column of text, and digests to find it by.

AES-SIV (RFC 5297) with a nonce, under keys that are derived from `FERNET_KEYS`: the first seals,
all open. Fernet itself would take five times as long, and half as much room again. A sealed text is
`~sealed.KEY…` in base64, where KEY names the key.

A number can only be looked up by a keyed digest (half an HMAC-SHA256), by `NUMBER_DIGEST_KEYS`: the
first writes, all are looked for. Whoever has the database without that key can't try numbers.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from orbit.db.fields import Undecryptable

MARK = "~sealed."
DIGEST_MARK = "#"
DIGEST_LENGTH = 23  # characters of a digest, with its mark
_NAME = 6  # characters of a key's name
_NONCE = 12
_PLAIN = "."  # behind MARK: a clear text that happens to begin like a sealed one


@dataclass(frozen=True)
class _Key:
    name: str
    cipher: AESSIV


def is_on() -> bool:
    """Whether texts and numbers are sealed when they are written."""
    return settings.ENCRYPT_MESSAGES


def may_be_there() -> bool:
    """Whether rows may be sealed, now or by an earlier setting."""
    return bool(settings.NUMBER_DIGEST_KEYS)


def seal(text: str, place: str) -> str:
    """Seal a text into a token, which opens only in this place (table and column)."""
    key = _keys(tuple(settings.FERNET_KEYS))[0]
    nonce = os.urandom(_NONCE)
    sealed = key.cipher.encrypt(text.encode("utf-8", "surrogatepass"), [place.encode(), nonce])
    return key.name + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(token: str, place: str) -> str:
    """The text of a token. Raises Undecryptable."""
    name = token[:_NAME]
    for key in _keys(tuple(settings.FERNET_KEYS)):
        if key.name == name:
            octets = base64.urlsafe_b64decode(token[_NAME:])
            try:
                found = key.cipher.decrypt(octets[_NONCE:], [place.encode(), octets[:_NONCE]])
            except InvalidTag:
                break
            return found.decode("utf-8", "surrogatepass")
    raise Undecryptable(
        f"{place}: no key in FERNET_KEYS opens it; put the old key back behind the new one"
    )


def key_name() -> str:
    """The name of the key that seals."""
    return _keys(tuple(settings.FERNET_KEYS))[0].name


def is_sealed(stored: str) -> bool:
    """Whether this is a sealed text, as a column of texts has it."""
    return stored.startswith(MARK) and not stored.startswith(MARK + _PLAIN)


def clear_text(text: str) -> str:
    """A text that is not sealed, as such a column has it."""
    return f"{MARK}{_PLAIN}{text}" if text.startswith(MARK) else text


def open_text(stored: str, place: str) -> str:
    """The text of what such a column has, sealed or not. What may stand behind a token, after a
    space, is not the text's."""
    if not stored.startswith(MARK):
        return stored
    token = stored[len(MARK) :]
    return token[1:] if token.startswith(_PLAIN) else unseal(token.partition(" ")[0], place)


def digest(value: str) -> str:
    """The digest by which a sealed number is looked up."""
    if not settings.NUMBER_DIGEST_KEYS:
        raise ImproperlyConfigured("NUMBER_DIGEST_KEYS is empty")  # the start was refused
    return _digest(settings.NUMBER_DIGEST_KEYS[0], value)


def spellings(value: str) -> list[str]:
    """All forms in which a column may store a number: clear, and digested under each key."""
    return [value, *(_digest(key, value) for key in settings.NUMBER_DIGEST_KEYS)]


def _digest(key: str, value: str) -> str:
    found = hmac.digest(_derived(key), value.encode("utf-8", "surrogatepass"), "sha256")[:16]
    return DIGEST_MARK + base64.urlsafe_b64encode(found)[:22].decode()


@functools.lru_cache(maxsize=16)
def _derived(key: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"orbit numbers").derive(key.encode())


@functools.lru_cache(maxsize=16)
def _keys(texts: tuple[str, ...]) -> tuple[_Key, ...]:
    return tuple(map(_key, texts))


def _key(text: str) -> _Key:
    octets = HKDF(SHA256(), 64, salt=None, info=b"orbit messages").derive(text.encode())
    name = base64.urlsafe_b64encode(hashlib.sha256(octets).digest())[:_NAME].decode()
    return _Key(name, AESSIV(octets))
