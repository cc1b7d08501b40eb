"""What a gateway can do beyond a stock Jasmin, as its console's greeting says. Pure.

The names are those of our launcher (`gateway_api.CAPABILITIES`).
"""

from __future__ import annotations

from collections.abc import Collection

LANE, ADDRESSES, TLS, TLVS, PASSWORDS = "lane", "addresses", "tls", "tlvs", "passwords"
READINESS = "readiness"

# What is lacking where a capability is not there.
LACKS = {
    LANE: "one submit in flight and about 25 messages/s a bind; a message may be submitted twice"
    " after a kill or a lost answer, or its reports be lost; receipts that are not written as"
    " Jasmin expects are not seen; carriers with equal message ids settle each other's messages",
    ADDRESSES: "senders that are no numbers leave as numbers",
    TLS: "the certificate of a carrier is not verified",
    TLVS: "messages have no TLVs of their own",
    PASSWORDS: "a carrier's password of more than 8 characters can't be used",
    READINESS: "whether it takes messages shows only when it has refused one",
    "parts": "long texts are cut inside characters, and after five parts",
}


def lacking(capabilities: Collection[str]) -> list[str]:
    """What a gateway with these lacks, in words."""
    return [text for name, text in LACKS.items() if name not in capabilities]
