"""SMPP client connectors in the console (`smppccm`). Pure.

These commands are asynchronous in Jasmin and must be run one at a time on a session. Only `-l`
shows the state of a bind: "Successfully started" means that Jasmin will try.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reconciler.jcli.commands import NULL, Command, Null, check_identifier, session
from reconciler.jcli.errors import Garbled
from reconciler.jcli.tables import rows, settings, table
from reconciler.state import Connector

LIST = "smppccm -l"
PASSWORD, TLS_KEY = "password", "tls_key"  # noqa: S105 - names of keys
NONE = "None"  # how Jasmin prints its null

# Keys that an update changes on the running bind. Everything else needs remove + add: after one
# update of host, port, username, password or systype Jasmin restarts the bind at *every* later
# update, and bind type, TLS and bind address wait for a reconnect that may never come. A gateway
# that knows BINDS makes its binds anew by itself, one after another: there every key is live.
BINDS = "binds"
LIVE_KEYS = frozenset(
    {
        "src_ton",
        "src_npi",
        "dst_ton",
        "dst_npi",
        "bind_to",
        "elink_interval",
        "res_to",
        "pdu_red_to",
        "trx_to",
        "con_loss_retry",
        "con_loss_delay",
        "con_fail_retry",
        "con_fail_delay",
        "submit_throughput",
        "requeue_delay",
        "dlr_expiry",
        "dlr_msgid",
        "coding",
        "lane",
        "senders",
        "plus",
        "tlvs",
    }
)
# Settings that every new connector has by default, and ours keep: never typed. Changed by hand,
# they change each message. A null can't be typed back, so then the connector is replaced.
DEFAULTS: Mapping[str, str] = {
    "src_addr": "None",
    "proto_id": "None",
    "priority": "0",
    "validity": "None",
    "ripf": "0",
    "def_msg_id": "0",
}
# Settings where a printed `None` is Jasmin's null, and never a customer's text.
_NULLABLE = frozenset(
    {"addr_range", "tls_verify", "tls_ca", "tls_server_name", "tls_certificate", "tlvs", "backups"}
)
# What the carrier sees of a bind: where another value makes all binds anew, and where it may make
# some more.
BIND_KEYS = frozenset(
    {
        "host", "port", "username", PASSWORD, "systype", "bind", "bind_ton", "bind_npi",
        "addr_range", "ssl", "tls_verify", "tls_ca", "tls_server_name", "tls_certificate", TLS_KEY,
        "pairs",
    }
)  # fmt: skip
ADDING_KEYS = frozenset({BINDS, "backups", "max_binds"})
# Certificates: PEM of at most 16,384 characters (`messaging.credentials.pem`) in base64. A plan
# shows their digests.
_CERTIFICATES = {"tls_ca": 22_000, "tls_certificate": 22_000}
_DIGEST = "sha256:"  # no base64
_LONG = {**_CERTIFICATES, TLS_KEY: 11_000, "tlvs": 6_000, "backups": 1_000}
_ROW = re.compile(r"(\S+) +(started|stopped) +(\S+) +(\d+) +(\d+)")


@dataclass(frozen=True)
class Row:
    cid: str
    running: bool
    session: str
    starts: int
    stops: int

    @property
    def is_bound(self) -> bool:
        return self.session.startswith("BOUND_")


@dataclass(frozen=True)
class Attempts:
    """TCP connections made and binds accepted since this Jasmin started."""

    connected: int
    bound: int


def read(reply: Sequence[str]) -> dict[str, Row]:
    """Return cid → row of `smppccm -l`."""
    found = {}
    for row in rows(reply, header="Connector id"):
        match = _ROW.fullmatch(row.strip())
        if match is None:
            raise Garbled("a row of the connector list can't be read")
        cid, service, session_state, starts, stops = match.groups()
        found[cid] = Row(cid, service == "started", session_state, int(starts), int(stops))
    return found


def rolls(wanted: Connector) -> bool:
    """Does its gateway follow every key, making binds anew one after another?"""
    return BINDS in wanted.settings


def is_live(name: str, wanted: str | None) -> bool:
    """Can an update set this key to that, in a gateway that does not roll? A null stays."""
    return name in LIVE_KEYS and not (name in _NULLABLE and wanted == NONE)


def digested(name: str, value: str | None) -> str | None:
    """A setting with the digest in the place of a certificate, as gateways tell it that are not
    asked by the console."""
    if name not in _CERTIFICATES or value in (None, NONE) or value.startswith(_DIGEST):
        return value
    return f"{_DIGEST}{hashlib.sha256(value.encode()).hexdigest()}"


def shown(name: str, value: str | None) -> str | None:
    """A setting as a plan shows it."""
    value = digested(name, value)
    return value[: len(_DIGEST) + 16] if name in _CERTIFICATES and value else value


def show(cid: str) -> str:
    return f"smppccm -s {check_identifier('cid', cid)}"


def read_settings(reply: Sequence[str]) -> dict[str, str]:
    """Return key → value as printed; `password` is among them, in clear text."""
    return settings(reply)


def attempts(cid: str) -> str:
    return f"stats --smppc {check_identifier('cid', cid)}"


def read_attempts(reply: Sequence[str]) -> Attempts:
    found = table(reply)
    try:
        return Attempts(int(found["connected_count"]), int(found["bound_count"]))
    except (KeyError, ValueError) as error:
        raise Garbled("the statistics of a connector can't be read") from error


def add(connector: Connector) -> Command:
    typed = [("cid", check_identifier("cid", connector.cid)), (PASSWORD, connector.password)]
    typed += [
        (key, value)
        for key, value in connector.settings.items()
        if key not in DEFAULTS and (key not in _NULLABLE or value != NONE)
    ]
    secrets = [connector.password]
    if connector.tls_key:
        typed.append((TLS_KEY, connector.tls_key))
        secrets.append(connector.tls_key)
    return Command(
        session("smppccm -a", typed, limits=_LONG),
        f"Successfully added connector [{connector.cid}]",
        secrets=tuple(secrets),
    )


def update(cid: str, changed: Mapping[str, str]) -> Command:
    """Change live keys only; the bind stays."""
    if not changed.keys() <= LIVE_KEYS:
        raise ValueError(f"not live: {sorted(changed.keys() - LIVE_KEYS)}")
    return _update(cid, changed.items())


def roll(wanted: Connector, names: Iterable[str]) -> Command:
    """Change these keys of a connector that `rolls`, whichever they are, to what is wanted."""
    secrets = {PASSWORD: wanted.password, TLS_KEY: wanted.tls_key or NONE}
    values = {name: {**wanted.settings, **secrets}[name] for name in names}
    typed = [(name, NULL if _is_null(name, value) else value) for name, value in values.items()]
    told = [value for name, value in values.items() if name in secrets and value != NONE]
    return _update(wanted.cid, typed, tuple(told))


def _update(
    cid: str, typed: Iterable[tuple[str, str | Null]], secrets: tuple[str, ...] = ()
) -> Command:
    return Command(
        session(f"smppccm -u {check_identifier('cid', cid)}", typed, limits=_LONG),
        f"Successfully updated connector [{cid}]",
        secrets=secrets,
    )


def _is_null(name: str, value: str) -> bool:
    """Is it the `None` that Jasmin prints for its null, and no customer's text?"""
    return value == NONE and (name in _NULLABLE or name in DEFAULTS or name == TLS_KEY)


def start(cid: str) -> Command:
    return Command(
        (f"smppccm -1 {check_identifier('cid', cid)}",), f"Successfully started connector id:{cid}"
    )


def stop(cid: str) -> Command:
    """Stop a connector; a stopped one only leaves its queue, which Jasmin calls a failure."""
    return Command(
        (f"smppccm -0 {check_identifier('cid', cid)}",),
        f"Successfully stopped connector id:{cid}",
        ("Failed stopping connector, check log for details",),
    )


def remove(cid: str) -> Command:
    return Command(
        (f"smppccm -r {check_identifier('cid', cid)}",),
        f"Successfully removed connector id:{cid}",
        (f"Unknown connector: {cid}",),
    )
