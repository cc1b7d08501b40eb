"""Digests of opted-out numbers, by which a gateway knows them. Standard library only: both sides
import it.

A digest has 64 bits, of a keyed hash of the user (the organisation's own on the gateway), the
sender that the number has opted out from ("" for all) and the number. The key is the gateway's own:
a list tells nothing to whoever does not have both, and lists of two users can't be compared.

Platforms write one number in several ways. So an opt-out has three digests: of its international
digits, of these with a 0 behind the calling code, and of the national ones without the zeros before
them. A destination is looked up by the one that it is written in. A national number is one in many
countries: where any of these has opted out, it is refused.
"""

from __future__ import annotations

import hashlib
import itertools
import operator
import sys
from array import array
from collections.abc import Iterable

KEY_OCTETS = 32
OCTETS = 8  # of a digest
NATIONAL = 2  # type of number, SMPP 3.4 §5.2.5


def key_id(key: bytes) -> str:
    """Names a key: digests by another one match nothing."""
    return hashlib.blake2b(b"key", digest_size=OCTETS, key=key).hexdigest()


def of_opt_out(
    key: bytes, user: str, number: str, calling_code: str, sender: str = ""
) -> list[int]:
    """The digests of one opt-out. `number`: in E.164, or a short code; `calling_code`: the digits
    that it begins with, "" for a short code."""
    digits = number.removeprefix("+")
    found = [_digest(key, user, sender_form(sender), digits)]
    if calling_code:
        national = digits.removeprefix(calling_code)
        for form in (f"{calling_code}0{national}", f"n{national.lstrip('0')}"):
            found.append(_digest(key, user, sender_form(sender), form))
    return found


def of_submit(key: bytes, user: str, destination: str, ton: int, sender: str) -> list[int]:
    """The digests that tell whether a submit_sm goes to an opted-out number: from all senders, from
    this one. `ton`: of the destination."""
    numbers = destination_forms(destination, ton)
    return [_digest(key, user, of, each) for each in numbers for of in ("", sender_form(sender))]


def destination_forms(destination: str, ton: int) -> list[str]:
    """How a destination is looked up: its digits, `n…` where they are national. Routes go by the
    digits, and platforms say of international ones that they are national."""
    digits = destination.strip()
    if digits.startswith("+"):
        return [digits[1:]]
    if digits.startswith("00"):
        return [digits.lstrip("0")]
    national = f"n{digits.lstrip('0')}"
    if digits.startswith("0"):
        return [national]
    return [digits, national] if ton == NATIONAL else [digits]


def sender_form(sender: str) -> str:
    """How senders are compared: without case, numbers without + and 00."""
    plain = sender.strip()
    digits = plain.removeprefix("+").removeprefix("00")
    return digits if digits.isascii() and digits.isdigit() else plain.casefold()


def packed(digests: Iterable[int]) -> array[int]:
    """Sorted, each once."""
    return array("Q", sorted(set(digests)))


def to_octets(digests: array[int]) -> bytes:
    """Big-endian, whatever the machine is."""
    return _big_endian(array("Q", digests)).tobytes()


def from_octets(octets: bytes) -> array[int]:
    """The reverse, sorted. Raises ValueError."""
    found = array("Q")
    found.frombytes(octets)
    found = _big_endian(found)
    if all(map(operator.lt, found, itertools.islice(found, 1, None))):
        return found  # as the site sends them: to sort many takes long
    return packed(found)


def checksum(digests: array[int]) -> str:
    """Equal for equal lists."""
    return hashlib.blake2b(to_octets(digests), digest_size=OCTETS).hexdigest()


def _big_endian(digests: array[int]) -> array[int]:
    if sys.byteorder == "little":
        digests.byteswap()
    return digests


def _digest(key: bytes, user: str, sender: str, number: str) -> int:
    told = f"{user}\0{sender}\0{number}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(told, digest_size=OCTETS, key=key).digest())
