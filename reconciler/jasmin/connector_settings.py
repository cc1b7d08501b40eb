"""Settings of a credential's connector, spelled as Jasmin's console prints them. Pure.

Keys and values are those that `smppccm -s` prints, so that desired and actual can be compared as
they are; `smppccm -a` and `-u` take the same keys.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence

from reconciler.jasmin.capabilities import ADDRESSES, LANE, TLS, TLVS
from reconciler.jcli import connectors

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
    *,
    address: str,
    port: int,
    system_id: str,
    system_type: str,
    bind_type: str,
    tls: bool,
    throughput: int | None,
    enquire_link_interval: int,
    message_id_format: str,
    gsm_data_coding: int,
    bind_ton: int,
    bind_npi: int,
    address_range: str,
    addressing: Mapping,
    window: int = 1,
    account: Sequence = (),
    tls_verify: str = "full",
    tls_ca: str | None = None,
    tls_server_name: str = "",
    tls_certificate: str | None = None,
    tlvs: Sequence[tuple[int, bytes]] = (),
    capabilities: Collection[str] = (),
) -> dict[str, str]:
    """Return the settings of the connector, without the password and the TLS key.

    `tls_server_name`: what the connector, which has an address, can't know. `tlvs`: tag, octets.
    `account`: organisation, host as people wrote it (its addresses come and go), port, system_id.
    Stock Jasmin has one source TON/NPI a connector, where the one for long codes is taken; what
    else there is depends on the `capabilities` of the gateway.
    """
    source_ton, source_npi = addressing["long_code"]
    destination_ton, destination_npi = addressing["destination"]
    return {
        "host": address,
        "port": str(port),
        "username": system_id,
        "systype": system_type,
        "bind": bind_type,
        "ssl": "yes" if tls else "no",
        "bind_ton": str(bind_ton),
        "bind_npi": str(bind_npi),
        "addr_range": address_range or "None",
        "src_ton": str(source_ton),
        "src_npi": str(source_npi),
        "dst_ton": str(destination_ton),
        "dst_npi": str(destination_npi),
        "submit_throughput": str(throughput or 0),
        "elink_interval": str(enquire_link_interval),
        "dlr_msgid": _DLR_MSGID[message_id_format],
        "coding": str(gsm_data_coding),
        **_FIXED,
        **_launcher_settings(
            capabilities,
            window=window,
            account=account,
            addressing=addressing,
            tls_verify=_TLS_VERIFY[tls_verify] if tls else None,
            tls_ca=pem(tls_ca) if tls else None,
            tls_server_name=tls_server_name if tls else None,
            tls_certificate=pem(tls_certificate) if tls else None,
            tlvs=",".join(f"{tag:04X}={octets.hex()}" for tag, octets in tlvs),
        ),
    }


def pem(text: str | None) -> str:
    """Return PEM as one line of the console; "" for none."""
    return base64.b64encode(text.encode()).decode() if text else ""


def _launcher_settings(
    capabilities: Collection[str],
    *,
    window: int,
    account: Sequence,
    addressing: Mapping,
    tlvs: str,
    **tls: str | None,
) -> dict[str, str]:
    """Return the settings that only our launcher knows, as far as this one does.

    `lane`: a digest of the account. Binds of one account share the carrier's message ids.
    """
    kinds = ("long_code", "short_code", "alphanumeric")
    lane = hashlib.sha256("\n".join(map(str, account)).encode()).hexdigest()[:32]
    keys = {
        "window": (LANE, str(window)),
        "lane": (LANE, lane),
        "senders": (ADDRESSES, ",".join("{}={}/{}".format(k, *addressing[k]) for k in kinds)),
        "plus": (ADDRESSES, "yes" if addressing["plus"] else "no"),
        "tlvs": (TLVS, tlvs or connectors.NONE),
        **{key: (TLS, value or connectors.NONE) for key, value in tls.items()},
    }
    return {key: value for key, (needed, value) in keys.items() if needed in capabilities}
