"""Settings of a credential's connector, spelled as Jasmin's console prints them. Pure.

Keys and values are those that `smppccm -s` prints, so that desired and actual can be compared as
they are; `smppccm -a` and `-u` take the same keys.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from reconciler.jasmin.capabilities import ADDRESSES, BINDS, LANE, TLS, TLVS
from reconciler.jcli import connectors
from reconciler.jcli.connectors import NONE

_PAIR = "transmitter_receiver"

# Jasmin's `dlr_msgid`: 0 = equal, 1 = hex in the answer and decimal in the receipt, 2 = reverse.
_DLR_MSGID = {"same": "0", "receipt_decimal": "1", "receipt_hex": "2"}

# The console reads the word `none` as null, whatever the key.
_TLS_VERIFY = {"full": "full", "none": "unchecked"}

# Seconds until Jasmin tries again: after a dead port, and after a connection that ended, as it does
# when a bind is refused. That is twice between two passes; a trial bind makes it three attempts.
RETRY_DELAY, LOSS_DELAY = 10, 15

# The same for every connector. trx_to 0: by default Jasmin drops an idle bind after 300 s, even one
# with an enquire_link interval as long; enquire_link finds a dead peer anyway.
_FIXED = {
    **connectors.DEFAULTS,
    "bind_to": "30",
    "res_to": "60",
    "pdu_red_to": "10",
    "trx_to": "0",
    "con_loss_retry": "yes",
    "con_loss_delay": str(LOSS_DELAY),
    "con_fail_retry": "yes",
    "con_fail_delay": str(RETRY_DELAY),
    "requeue_delay": "30",
    "dlr_expiry": "86400",
    "logprivacy": "yes",
}


def connector_settings(
    credential: Any,
    *,
    address: str,
    account: Sequence = (),
    backups: Sequence[tuple[str, int, str]] = (),
    tlvs: Sequence[tuple[int, bytes]] = (),
    capabilities: Collection[str] = (),
) -> dict[str, str]:
    """Return the settings of the connector, without the password and the TLS key.

    `credential`: its fields, by the names of the API. `address`: of its host. `tlvs`: tag, octets.
    `account`: organisation, host as people wrote it (its addresses come and go), port, system_id.
    `backups`: address, port and name of each backup that has an address.
    Stock Jasmin has one source TON/NPI a connector, where the one for long codes is taken; what
    else there is depends on the `capabilities` of the gateway.
    """
    source_ton, source_npi = credential.addressing["long_code"]
    destination_ton, destination_npi = credential.addressing["destination"]
    return {
        "host": address,
        "port": str(credential.port),
        "username": credential.system_id,
        "systype": credential.system_type,
        "bind": "transmitter" if credential.bind_type == _PAIR else credential.bind_type,
        "ssl": "yes" if credential.tls else "no",
        "bind_ton": str(credential.bind_ton),
        "bind_npi": str(credential.bind_npi),
        "addr_range": credential.address_range or "None",
        "src_ton": str(source_ton),
        "src_npi": str(source_npi),
        "dst_ton": str(destination_ton),
        "dst_npi": str(destination_npi),
        "submit_throughput": str(credential.throughput or 0),
        "elink_interval": str(credential.enquire_link_interval),
        "dlr_msgid": _DLR_MSGID[credential.message_id_format],
        "coding": str(credential.gsm_data_coding),
        **_FIXED,
        **_launcher_settings(
            capabilities,
            credential,
            backups=backups,
            account=account,
            tlvs=",".join(f"{tag:04X}={octets.hex()}" for tag, octets in tlvs),
        ),
    }


def _tls_settings(credential: Any) -> dict[str, str | None]:
    """Return those of TLS, which has to be told the host's name: the connector has an address."""
    if not credential.tls:
        return dict.fromkeys(("tls_verify", "tls_ca", "tls_server_name", "tls_certificate"))
    return {
        "tls_verify": _TLS_VERIFY[credential.tls_verify],
        "tls_ca": pem(credential.tls_ca),
        "tls_server_name": credential.tls_server_name or credential.host,
        "tls_certificate": pem(credential.tls_certificate),
    }


def pem(text: str | None) -> str:
    """Return PEM as one line of the console; "" for none."""
    return base64.b64encode(text.encode()).decode() if text else ""


def _launcher_settings(
    capabilities: Collection[str],
    credential: Any,
    *,
    account: Sequence,
    backups: Sequence[tuple[str, int, str]],
    tlvs: str,
) -> dict[str, str]:
    """Return the settings that only our launcher knows, as far as this one does.

    `lane`: a digest of the account. Binds of one account share the carrier's message ids.
    """
    kinds, addressing = ("long_code", "short_code", "alphanumeric"), credential.addressing
    lane = hashlib.sha256("\n".join(map(str, account)).encode()).hexdigest()[:32]
    # A name of the certificate that people wrote holds for all hosts of the account.
    places = [
        f"{address}/{port}/{credential.tls_server_name or name}" for address, port, name in backups
    ]
    keys = {
        "window": (LANE, str(credential.window)),
        "lane": (LANE, lane),
        "senders": (ADDRESSES, ",".join("{}={}/{}".format(k, *addressing[k]) for k in kinds)),
        "plus": (ADDRESSES, "yes" if addressing["plus"] else "no"),
        "tlvs": (TLVS, tlvs or NONE),
        **{key: (TLS, value or NONE) for key, value in _tls_settings(credential).items()},
        "binds": (BINDS, str(credential.binds)),
        "pairs": (BINDS, "yes" if credential.bind_type == _PAIR else "no"),
        "backups": (BINDS, ",".join(places) or NONE),
        "max_binds": (BINDS, str(credential.max_binds or 0)),
    }
    return {key: value for key, (needed, value) in keys.items() if needed in capabilities}
