"""Failures of binds and test sends: a cause for programs, a message and a hint for engineers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from messaging.net.errors import (
    BadStream,
    ConnectionLost,
    ConnectRefused,
    ConnectTimedOut,
    LinkError,
    NoAnswer,
    TlsCertificateError,
    TlsClientCertificateError,
    TlsError,
    TlsExpired,
    TlsHandshakeError,
    TlsOwnCertificateError,
    TlsUnknownAuthority,
    TlsWrongName,
    Unreachable,
)
from messaging.net.resolution import HostError, HostRefused
from messaging.smpp.protocol.command_status import Status


@dataclass(frozen=True)
class Failure:
    """`cause` is one word (`wrong_password`), `message` says what happened, `hint` what to do,
    `status` is the carrier's answer if it gave one."""

    cause: str
    message: str
    hint: str
    status: Status | None = None


_ASK_ABOUT_ADDRESS = "Check host and port, and have the carrier allow this server's address."

_OR_NOT = (
    "`tls_verify`: none binds without any check: then anybody on the way could stand in for the "
    "carrier."
)

_CONNECTING: dict[type[LinkError], tuple[str, str]] = {
    ConnectRefused: (
        "connection_refused",
        "Nothing listens on this port, or a firewall turns us away. " + _ASK_ABOUT_ADDRESS,
    ),
    ConnectTimedOut: (
        "connect_timeout",
        "Nothing came back at all, which is mostly a firewall that drops. " + _ASK_ABOUT_ADDRESS,
    ),
    Unreachable: (
        "unreachable",
        "There is no way from this server to that address: a VPN that is down, or an IPv6 address "
        "and no IPv6 here.",
    ),
    TlsUnknownAuthority: (
        "tls_certificate",
        "Put the authority that issued it, or the certificate itself if it is self-signed, into "
        "`tls_ca` as PEM, or have the carrier send its intermediate certificates along. " + _OR_NOT,
    ),
    TlsWrongName: (
        "tls_certificate",
        "Set `tls_server_name` to the name that the carrier's certificate is for, or have the "
        "carrier install one for this name. " + _OR_NOT,
    ),
    TlsExpired: (
        "tls_certificate",
        "Have the carrier install a new certificate; if it is new, look at this server's clock. "
        + _OR_NOT,
    ),
    TlsCertificateError: (
        "tls_certificate",
        "Have the carrier install a certificate that stands this check. " + _OR_NOT,
    ),
    TlsClientCertificateError: (
        "tls_client_certificate",
        "Set `tls_certificate` and `tls_key` to a certificate that the carrier has issued or "
        "knows.",
    ),
    TlsOwnCertificateError: (
        "tls_own_certificate",
        "Set `tls_certificate` and `tls_key` anew: RSA keys have at least 2048 bits.",
    ),
    TlsHandshakeError: (
        "tls_handshake",
        "Is this the carrier's TLS port? Plain SMPP is mostly on 2775, TLS on another one. If it "
        "is, the carrier may want a client certificate (`tls_certificate`), or only offer versions "
        "or ciphers that are too old.",
    ),
}

_STATUS_CAUSES = {
    "ESME_RINVPASWD": "wrong_password",
    "ESME_RINVSYSID": "unknown_system_id",
    "ESME_RALYBND": "already_bound",
    "ESME_RTHROTTLED": "throttled",
    "ESME_RMSGQFUL": "queue_full",
    "ESME_RINVSRCADR": "sender_refused",
    "ESME_RINVDSTADR": "destination_refused",
}

_STATE_HINTS = {  # by the beginning of the receipt's state
    "EXPIR": "The carrier gave up trying: the handset was off or out of reach for too long.",
    "REJ": "The carrier or the network behind it refused: often an unregistered sender, a "
    "blocked text, or a number that this route does not serve.",
    "UNDEL": "The network could not deliver: a number that does not exist, is barred or ported "
    "away.",
}
_LOST_HINTS = {
    "bind": "SMSCs hang up like this on addresses that they have not allowed, on a plain "
    "connection to a TLS port, and on a system_id that they don't know. Ask what their log says.",
    "submit": "The message may have gone out or not: only the carrier's log knows.",
    "receipt": "The carrier took the message and hung up before its receipt. If it allows one "
    "bind only, another bind with this system_id may have pushed this one out.",
}
_SILENT_HINTS = {
    "bind": "TCP works and SMPP does not answer: the SMSC is overloaded, the port belongs to "
    "something else, or a middlebox swallows what it does not know. Ask what their log says.",
    "submit": "The message may have gone out or not: only the carrier's log knows. An SMSC that "
    "binds and then says nothing is mostly overloaded or cut off from its back end.",
}


def not_resolved(error: HostError) -> Failure:
    if isinstance(error, HostRefused):
        hint = "Messages leave for public addresses only. Give the carrier's public name."
        return Failure("host_not_allowed", str(error), hint)
    hint = "Check the spelling of the host; ask the carrier for the name or address to bind to."
    return Failure("name_not_resolved", str(error), hint)


def not_connected(error: LinkError) -> Failure:
    """TCP or TLS failed."""
    cause, hint = _CONNECTING[type(error)]
    return Failure(cause, str(error), hint)


def broken(error: LinkError, step: str, seconds: float) -> Failure:
    """The session broke off at `step` (bind or later), which had `seconds`."""
    if isinstance(error, TlsError):
        return not_connected(error)  # TLS 1.3 may report it after the handshake
    if isinstance(error, BadStream):
        hint = "Something else answers on this port, or it wants TLS: check port and `tls`."
        return Failure("not_smpp", str(error), hint)
    if isinstance(error, NoAnswer):
        said = f"no answer to the {step} within {seconds:g} s"
        return Failure(f"{step}_timeout", said, _SILENT_HINTS.get(step, ""))
    if isinstance(error, ConnectionLost):
        return Failure("connection_lost", f"{error}, at the {step}", _LOST_HINTS.get(step, ""))
    raise error


def refused(status: Status, step: str, what: str) -> Failure:
    """The carrier answered `what` ("the bind", "part 2 of 3") with an error."""
    cause = _STATUS_CAUSES.get(status.name, f"{step}_refused")
    said = f"the carrier answered {what} with {status.name}: {status.meaning}"
    return Failure(cause, said, status.hint, status)


def beside_a_live_bind(failure: Failure) -> Failure:
    """The failure of a bind that was tried while the gateway's own are up."""
    if failure.cause != "already_bound":
        return failure
    hint = (
        "The gateway's own binds take all that the carrier allows for this system_id. Set "
        "`max_binds` to that number, and test with `via: gateway`, which needs no further bind."
    )
    return replace(failure, hint=hint)


def undelivered(message_id: str, state: str, error: str) -> Failure:
    """The receipt says that the message was not delivered; `error` is its `err:`, or ""."""
    said = f"the receipt for {message_id} says {state}, err {error or 'none'}"
    capitals = state.upper()
    hint = next(
        (hint for begin, hint in _STATE_HINTS.items() if capitals.startswith(begin)),
        "The carrier can say more about the message.",
    )
    return Failure("undelivered", said, f"{hint} Ask the carrier what its error code means.")
