"""Objects of the model of Jasmin: users, connectors and routes, with the settings of new ones."""

from __future__ import annotations

from dataclasses import dataclass, field

# What `-s` shows of a new one.
USER = dict(
    line.rsplit(" ", 1)
    for line in r"""
mt_messaging_cred authorization http_send True
mt_messaging_cred authorization http_balance True
mt_messaging_cred authorization http_rate True
mt_messaging_cred authorization http_bulk False
mt_messaging_cred authorization smpps_send True
mt_messaging_cred authorization http_long_content True
mt_messaging_cred authorization dlr_level True
mt_messaging_cred authorization http_dlr_method True
mt_messaging_cred authorization src_addr True
mt_messaging_cred authorization priority True
mt_messaging_cred authorization validity_period True
mt_messaging_cred authorization schedule_delivery_time True
mt_messaging_cred authorization hex_content True
mt_messaging_cred valuefilter dst_addr .*
mt_messaging_cred valuefilter src_addr .*
mt_messaging_cred valuefilter priority ^[0-3]$
mt_messaging_cred valuefilter validity_period ^\d+$
mt_messaging_cred valuefilter content .*
mt_messaging_cred defaultvalue src_addr None
mt_messaging_cred quota balance ND
mt_messaging_cred quota early_percent ND
mt_messaging_cred quota sms_count ND
mt_messaging_cred quota http_throughput ND
mt_messaging_cred quota smpps_throughput ND
smpps_cred authorization bind True
smpps_cred quota max_bindings ND
""".strip().split("\n")
)
CONNECTOR = {
    "host": "127.0.0.1",
    "port": "2775",
    "username": "smppclient",
    "logrotate": "midnight",
    "password": "password",
    "systype": "",
    "logfile": "{…}",
    "loglevel": "20",
    "logprivacy": "no",
    "bind_to": "30",
    "elink_interval": "30",
    "res_to": "120",
    "con_loss_retry": "yes",
    "bind_npi": "0",
    "con_loss_delay": "10",
    "con_fail_delay": "10",
    "pdu_red_to": "10",
    "bind": "transceiver",
    "bind_ton": "0",
    "src_ton": "2",
    "src_npi": "1",
    "dst_ton": "1",
    "addr_range": "None",
    "src_addr": "None",
    "proto_id": "None",
    "priority": "0",
    "validity": "None",
    "ripf": "0",
    "def_msg_id": "0",
    "coding": "0",
    "requeue_delay": "120",
    "submit_throughput": "1",
    "dlr_expiry": "86400",
    "dlr_msgid": "0",
    "con_fail_retry": "yes",
    "dst_npi": "1",
    "trx_to": "300",
    "ssl": "no",
}
ROUTES = f"#Order {'Type':<23} {'Rate':<10} {'Connector ID(s)':<48} {'Filter(s)':<64}"
ARGUMENTS = {  # what it says of a type that was chosen
    "UserFilter": ["<class 'jasmin.routing.Filters.UserFilter'> arguments:", "uid"],
    "DestinationAddrFilter": [
        "<class 'jasmin.routing.Filters.DestinationAddrFilter'> arguments:",
        "destination_addr",
    ],
    "FailoverMTRoute": [
        "<class 'jasmin.routing.Routes.FailoverMTRoute'> arguments:",
        "filters, connectors, rate",
    ],
}
BOUND = {"transceiver": "BOUND_TRX", "transmitter": "BOUND_TX", "receiver": "BOUND_RX"}


@dataclass
class Account:
    uid: str
    gid: str
    username: str
    password: str
    enabled: bool = True
    settings: dict[str, str] = field(default_factory=lambda: dict(USER))


@dataclass
class Link:
    cid: str
    settings: dict[str, str] = field(default_factory=lambda: dict(CONNECTOR))
    running: bool = False
    starts: int = 0
    stops: int = 0

    @property
    def session(self) -> str:
        up = self.running and self.settings["port"] != "1"
        return BOUND[self.settings["bind"]] if up else "NONE"


@dataclass
class Way:
    """A row of the table of MT routes."""

    order: int
    kind: str
    cids: tuple[str, ...]
    filters: tuple[str, ...]

    def row(self) -> str:
        named = ", ".join(f"smppc({cid})" for cid in self.cids)
        columns = [f"#{self.order:<5}", f"{self.kind:<23}", f"{'0 (!)':<10}", f"{named:<48}"]
        return f"{' '.join(columns)} {', '.join(self.filters):<64}"
