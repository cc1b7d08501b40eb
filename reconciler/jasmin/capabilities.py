"""What a gateway can do beyond a stock Jasmin, as its console says at login. Pure.

The names are those of our launcher (`gateway_api.CAPABILITIES`).
"""

from __future__ import annotations

from collections.abc import Collection

LANE, ADDRESSES, TLS, TLVS, PASSWORDS = "lane", "addresses", "tls", "tlvs", "passwords"
READINESS, ORIGINS, DELIVERIES, OPT_OUTS = "readiness", "origins", "deliveries", "opt_outs"
STATE, BINDS, DRAIN, TRACE = "state", "binds", "drain", "trace"

# What a gateway without the capability lacks.
LACKS = {
    LANE: "one submit in flight and about 25 messages/s a bind; a message may be submitted twice"
    " after a kill or a lost answer, or its reports be lost; receipts that are not written as"
    " Jasmin expects are not seen; carriers with equal message ids settle each other's messages",
    ADDRESSES: "senders that are no numbers leave as numbers",
    READINESS: "whether it takes messages shows only when it has refused one",
    "parts": "long texts are cut inside characters, and after five parts",
    TLS: "certificates of carriers are not checked, and none of ours is shown to them",
    TLVS: "no TLVs on submits",
    PASSWORDS: "passwords of more than 8 characters do not bind",
    ORIGINS: "accesses are bound from any address, whatever their `allowed_ips` say",
    DELIVERIES: "texts of phones do not reach the organisations' own platforms",
    OPT_OUTS: "what organisations' own platforms submit to opted-out numbers is sent",
    STATE: "each pass reads all of it from the console, line by line, and Jasmin stands still"
    " meanwhile: at some thousand credentials for seconds",
    BINDS: "one bind a credential, which falls for a moment when its host or password changes; no"
    " pairs, no backups",
    DRAIN: "while it is drained it takes what platforms submit, and a message whose hand-over got"
    " no answer waits until its time is over",
    TRACE: "the PDUs of a credential can't be traced",
}
LONGEST_PASSWORD = 8  # characters, where the capability is not there: SMPP 3.4 §5.2.2
_INSTEAD = "Run the gateway through our launcher, or move the organisation to one that is"


def unfit(capabilities: Collection[str], *, password: str, shows_certificate: bool) -> str:
    """Return why a gateway with these can't bind such a credential at all; "" if it can."""
    if len(password) > LONGEST_PASSWORD and PASSWORDS not in capabilities:
        return (
            f"this gateway sends passwords of at most {LONGEST_PASSWORD} characters, and the "
            f"credential's has {len(password)}. {_INSTEAD}, or have the carrier set a shorter one."
        )
    if shows_certificate and TLS not in capabilities:
        return (
            "this gateway shows no certificate to a carrier that asks for one "
            f"(`tls_certificate`). {_INSTEAD}."
        )
    return ""


def left_out(
    capabilities: Collection[str], *, has_tlvs: bool, binds: int, is_pair: bool, has_backups: bool
) -> str:
    """Return which fields of a credential a gateway with these leaves out; "" for none."""
    lacks = []
    if has_tlvs and TLVS not in capabilities:
        lacks.append("puts no TLVs on submits: `tlvs` are left out")
    if BINDS not in capabilities:
        if is_pair:
            lacks.append("binds no pairs: it binds the transmitter, and no receipts come in")
        if binds > 1:
            lacks.append(f"keeps one bind a credential: it keeps 1 of {binds} (`binds`)")
        if has_backups:
            lacks.append("knows one host a credential: `backups` are left out")
    return f"this gateway {'; it '.join(lacks)}. {_INSTEAD}." if lacks else ""


def left_out_of_access(capabilities: Collection[str], *, has_addresses: bool) -> str:
    """Return which fields of an access a gateway with these leaves out; "" for none."""
    if has_addresses and ORIGINS not in capabilities:
        return (
            "this gateway lets the access be bound from any address: `allowed_ips` are left out. "
            f"{_INSTEAD}."
        )
    return ""


def lacking(capabilities: Collection[str]) -> list[str]:
    """Return what a gateway with these lacks, in words."""
    return [text for name, text in LACKS.items() if name not in capabilities]
