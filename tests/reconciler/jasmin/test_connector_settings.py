"""Settings of a credential's connector."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.conf import settings as django

from messaging.credentials.models import BindType, MessageIdFormat, default_addressing
from messaging.credentials.validators import NPIS, TONS
from reconciler.jasmin import connector_settings
from reconciler.jasmin.capabilities import ADDRESSES, BINDS, LACKS, LANE
from reconciler.jcli.connectors import LIVE_KEYS
from tests.reconciler.model_objects import CONNECTOR

PLAIN = {
    "host": "smpp.carrier.example",
    "port": 2775,
    "system_id": "acme",
    "system_type": "",
    "bind_type": "transceiver",
    "tls": False,
    "throughput": 50,
    "enquire_link_interval": 30,
    "message_id_format": "same",
    "gsm_data_coding": 0,
    "bind_ton": 0,
    "bind_npi": 0,
    "address_range": "",
    "addressing": default_addressing(),
    "window": 10,
    "tls_verify": "full",
    "tls_ca": None,
    "tls_server_name": None,
    "tls_certificate": None,
    "binds": 1,
    "max_binds": None,
}
BESIDE = ("address", "account", "backups", "tlvs", "capabilities")  # what the row does not hold


LAUNCHED = {
    "window": "10",
    "senders": "long_code=1/1,short_code=3/0,alphanumeric=5/0",
    "plus": "no",
}


BINDS_KEYS = ("binds", "pairs", "backups", "max_binds")
TLS_KEYS = ("tls_verify", "tls_ca", "tls_server_name", "tls_certificate")


def settings(**fields: object) -> dict[str, str]:
    beside = {"address": "192.0.2.1"} | {n: v for n, v in fields.items() if n in BESIDE}
    written = {name: value for name, value in fields.items() if name not in BESIDE}
    credential = SimpleNamespace(**PLAIN | written)
    return connector_settings.connector_settings(credential, **beside)


@pytest.mark.parametrize(
    ("fields", "key", "value"),
    [
        ({"address": "2001:db8::1"}, "host", "2001:db8::1"),
        ({"port": 65535}, "port", "65535"),
        ({"system_id": "a c+;#"}, "username", "a c+;#"),
        ({"system_type": ""}, "systype", ""),
        ({"system_type": "VMA"}, "systype", "VMA"),
        ({"tls": True}, "ssl", "yes"),
        ({"tls": False}, "ssl", "no"),
        ({"throughput": None}, "submit_throughput", "0"),
        ({"throughput": 1000}, "submit_throughput", "1000"),
        ({"enquire_link_interval": 300}, "elink_interval", "300"),
        ({"gsm_data_coding": 3}, "coding", "3"),
        ({"address_range": ""}, "addr_range", "None"),
        ({"address_range": "^33"}, "addr_range", "^33"),
        ({"message_id_format": "same"}, "dlr_msgid", "0"),
        ({"message_id_format": "receipt_decimal"}, "dlr_msgid", "1"),
        ({"message_id_format": "receipt_hex"}, "dlr_msgid", "2"),
    ],
)
def test_a_field_becomes_a_setting(fields, key, value):
    assert settings(**fields)[key] == value


def test_senders_and_destinations_have_their_own_ton_and_npi():
    addressing = default_addressing() | {"long_code": [2, 8], "destination": [3, 9]}

    found = settings(addressing=addressing, bind_ton=5, bind_npi=18)

    keys = ("bind_ton", "bind_npi", "src_ton", "src_npi", "dst_ton", "dst_npi")
    assert [found[key] for key in keys] == ["5", "18", "2", "8", "3", "9"]


@pytest.mark.parametrize("bind_type", ["transceiver", "transmitter", "receiver"])
def test_a_bind_type_of_smpp_is_jasmins(bind_type):
    assert settings(bind_type=bind_type)["bind"] == bind_type
    assert settings(bind_type=bind_type, capabilities=LACKS)["pairs"] == "no"


def test_a_pair_is_a_transmitter_for_jasmin_and_a_pair_for_our_launcher():
    assert settings(bind_type=BindType.TRANSMITTER_RECEIVER)["bind"] == "transmitter"
    found = settings(bind_type=BindType.TRANSMITTER_RECEIVER, capabilities=LACKS)
    assert (found["bind"], found["pairs"]) == ("transmitter", "yes")


def test_several_binds_are_told_to_a_gateway_that_can():
    fields = {"binds": 4, "max_binds": 6}

    assert launched(BINDS, **fields) == {
        "binds": "4", "pairs": "no", "backups": "None", "max_binds": "6",
    }  # fmt: skip
    assert launched(LANE, **fields).keys() == {"window", "lane"}
    assert launched(BINDS)["max_binds"] == "0"


def test_backups_are_addresses_ports_and_the_names_of_their_certificates():
    backups = [("192.0.2.2", 2775, "b.example.com"), ("2001:db8::3", 3550, "c.example.com")]

    assert launched(BINDS, backups=backups)["backups"] == (
        "192.0.2.2/2775/b.example.com,2001:db8::3/3550/c.example.com"
    )
    named = launched(BINDS, backups=backups, tls_server_name="smpp.example.com")["backups"]
    assert named == "192.0.2.2/2775/smpp.example.com,2001:db8::3/3550/smpp.example.com"


def test_every_message_id_format_has_a_word():
    assert {settings(message_id_format=f)["dlr_msgid"] for f in MessageIdFormat.values} == {*"012"}


def test_people_may_choose_what_jasmin_takes():
    assert tuple(range(7)) == TONS
    assert set(NPIS) == {0, 1, 3, 4, 6, 8, 9, 10, 14, 18}


def test_settings_are_all_text_and_hold_no_password():
    found = settings()

    assert all(isinstance(value, str) for value in found.values())
    assert "password" not in found


def test_only_settings_that_jasmin_has_are_declared():
    assert settings().keys() <= CONNECTOR.keys()
    assert CONNECTOR.keys() >= LIVE_KEYS - launched().keys()


def launched(*capabilities: str, **fields: object) -> dict[str, str]:
    """Return the settings that a stock Jasmin does not have."""
    everything = {"window": 10, "account": ("org_1", "smpp.example.com", 2775, "acme")}
    found = settings(**everything | fields, capabilities=capabilities or LACKS)
    return {key: value for key, value in found.items() if key not in CONNECTOR}


def test_a_launcher_is_told_what_a_stock_jasmin_has_no_key_for():
    found = launched()

    assert {key: found[key] for key in LAUNCHED} == LAUNCHED
    assert found.keys() == {*LAUNCHED, "lane", "tlvs", *TLS_KEYS, *BINDS_KEYS}
    assert launched(LANE).keys() == {"window", "lane"}
    assert launched(ADDRESSES).keys() == {"senders", "plus"}
    assert launched("nothing of ours") == {}


@pytest.mark.parametrize("account", [("org_2", "a", 1, "s"), ("org_1", "b", 1, "s")])
def test_each_account_has_a_lane_of_its_own(account):
    lanes = {launched(account=each)["lane"] for each in (("org_1", "a", 1, "s"), account)}

    assert len(lanes) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", lane) for lane in lanes)


def test_a_refused_bind_is_not_tried_more_than_three_times_between_two_beats():
    """Jasmin's own tries from one beat until the next, and the trial bind that ends them."""
    jasmins = django.RECONCILE_INTERVAL // connector_settings.LOSS_DELAY

    assert jasmins + 1 <= 3


CERTIFIED = {
    "tls": True,
    "tls_ca": "CA",
    "tls_server_name": "smpp.example.com",
    "tls_certificate": "OURS",
}


def tls_keys(**fields: object) -> dict[str, str]:
    return {key: value for key, value in launched(**fields).items() if key.startswith("tls_")}


def test_pem_is_one_line_of_base64():
    assert tls_keys(**CERTIFIED) == {
        "tls_verify": "full",
        "tls_ca": "Q0E=",
        "tls_server_name": "smpp.example.com",
        "tls_certificate": "T1VSUw==",
    }


def test_what_is_not_set_is_a_null():
    name = {"tls_server_name": "smpp.example.com"}
    assert tls_keys(tls=True, tls_verify="none", **name) == {
        "tls_verify": "unchecked",
        "tls_ca": "None",
        "tls_certificate": "None",
        **name,
    }


def test_a_connector_without_tls_has_nothing_of_it():
    assert set(tls_keys(**CERTIFIED | {"tls": False}).values()) == {"None"}


def test_tlvs_are_tags_and_octets_in_hexadecimal():
    tlvs = [(0x1400, b"12\0"), (0x19, b"\1")]
    assert launched(tlvs=tlvs)["tlvs"] == "1400=313200,0019=01"
    assert launched()["tlvs"] == "None"
    assert "tlvs" not in launched(LANE, tlvs=tlvs)
