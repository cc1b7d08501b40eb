"""What a credential is called in Jasmin's words. Pure: plain values in, settings out.

Settings are spelled as `smppccm -s` and `user -s` print them, so that desired and actual can be
compared as they are; their keys are those that `-a` and `-u` take.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence

from reconciler.jasmin.capabilities import ADDRESSES, LANE, TLS, TLVS
from reconciler.jcli import connectors, users

# Jasmin's `dlr_msgid`: 0 = equal, 1 = hex in the answer and decimal in the receipt, 2 = reverse.
_DLR_MSGID = {"same": "0", "receipt_decimal": "1", "receipt_hex": "2"}

# The console reads the word `none` as null, whatever the key.
_TLS_VERIFY = {"full": "full", "none": "unchecked"}

# SMPP 3.4 §5.2.5 and §5.2.6, as Jasmin prints them and takes them.
TONS = tuple(str(ton) for ton in range(7))
# Seconds until Jasmin tries again: after a port that is dead, and after a connection that ended, as
# it does when a bind is refused. Twice between two passes; a trial bind makes it three attempts.
RETRY_DELAY, LOSS_DELAY = 10, 15

# The same for every connector. trx_to 0: Jasmin would else drop an idle bind after 300 s, also
# one whose enquire_link_interval is as long; a dead peer is found by enquire_link.
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

# A right that our users do without, to try the password: who asks for it is refused with another
# status than who has a wrong password, and nothing is sent. (Jasmin's requests that are meant for
# such questions take the password in the address, where logs keep it; and two other rights,
# schedule_delivery_time and hex_content, are given back at every start of Jasmin.)
UNASKED = "mt_messaging_cred authorization priority"
SENDS = "mt_messaging_cred authorization http_send"

# The credential's own user: submits over HTTP, never binds; money and limits are counted here.
PINNED_USER: Mapping[str, str] = {
    **users.DEFAULTS,
    UNASKED: "False",
    "mt_messaging_cred authorization smpps_send": "False",
    "smpps_cred authorization bind": "False",
}


def access_user(*, max_bindings: int, throughput: int | None) -> dict[str, str]:
    """Return the settings of an organisation's user on the SMPP server: it binds, and no HTTP.

    It has the right to a priority: every submit_sm names one.
    """
    return {
        **users.DEFAULTS,
        SENDS: "False",
        "mt_messaging_cred authorization http_long_content": "False",
        "mt_messaging_cred quota smpps_throughput": f"{throughput:.1f}" if throughput else "ND",
        "smpps_cred quota max_bindings": str(max_bindings),
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
    """PEM on one line of the console; "" for none."""
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
    """Return what only a connector behind our launcher has, as far as this launcher has it.

    `lane`: within what a carrier's message ids count, the account that its binds share.
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
