"""Values arrive in Jasmin, and from there at the carrier, as they were written."""

from __future__ import annotations

import json

import pytest

from messaging.credentials import validators
from messaging.credentials.models import BindType, MessageIdFormat, default_addressing
from messaging.credentials.validators import NPIS, TONS
from orbit.dev.simulator import SimulatorThread
from reconciler import actual
from reconciler.result import Ending
from tests.reconciler.conftest import make_credential
from tests.reconciler.passes import run, status

pytestmark = pytest.mark.stack

# (system_id, password, system_type, address_range): nothing of it is quoted anywhere.
TEXTS = [
    ('"quoted"', '"', '"a" "b"', '"'),
    ("it's", "'or'1=1", "''", "'"),
    ("a;b;c", ";", ";", "^33;44"),
    ("#comment", "#", "#", "#"),
    ("+x", "+1", "+", "+33"),
    ("-x", "-1", "--", "-l"),
    ("back\\slash", "\\n\\r\\t", "\\", "\\d+$"),
    ("%s%d%n", "%(x)s", "%", "%"),
    ("two  spaces", "a  b", "x   y", "a b"),
    ("?help", "?", "?", "?"),
    ("ok", "ko", "quit", "ok"),
    ("jcli : ", "> ", "jcli :", "> ok"),
    ("persist", "sync_1", "none1", "nones"),
    ("007", "0123", "1e3", "1.0"),
    ("True", "False", "yes", "no"),
    ("nan", "inf", "-inf", "0x10"),
    ("$HOME`id`", "$(ls)", "{0}", "{port}"),
    ("<a>&lt;", "[]{}|^~", "!@#$%^&*()", "_=,./<>"),
    ("password x", "pass x", "cid x", "host x"),
    ("a" * 15, "b" * 8, "c" * 12, "^" + "d" * 39),
    ("*", "~", "!", "@"),
]


def test_texts_reach_jasmin_and_the_carrier_byte_for_byte(gateway, organization, console, smsc):
    made = []
    for number, (system_id, password, system_type, address_range) in enumerate(TEXTS):
        fields = {
            "system_id": system_id.strip(),
            "password": password.strip(),
            "system_type": system_type.strip(),
            "address_range": address_range,
        }
        for name, value in fields.items():
            getattr(validators, name)(value)  # people may write it
        smsc.add_system(fields["system_id"], fields["password"])
        made.append(make_credential(organization, port=smsc.port, name=str(number), **fields))

    assert run(gateway).ending is Ending.APPLIED
    smsc.wait_for(lambda: all(smsc.system(each.system_id).live_binds == 1 for each in made))
    assert run(gateway).ending is Ending.IN_SYNC

    found = actual.read(console).connectors
    for each in made:
        link = found[each.gateway_key]
        assert link.session == "BOUND_TRX"
        assert link.password == each.password
        keys = ("username", "systype", "addr_range")
        values = [each.system_id, each.system_type, each.address_range]
        assert [link.settings[key] for key in keys] == values
        assert smsc.system(each.system_id).bind_attempts == 1
        assert status(each).bind_state == "bound"
    assert seen_at(smsc) == {
        (each.system_id, each.system_type, each.address_range) for each in made
    }


def seen_at(smsc: SimulatorThread) -> set[tuple[str, str, str]]:
    """(system_id, system_type, address_range) of the binds that came in."""
    pdus = [json.loads(line) for line in smsc.log_lines]
    binds = [pdu["fields"] for pdu in pdus if pdu.get("command") == "bind_transceiver"]
    return {
        tuple(bind[name] for name in ("system_id", "system_type", "address_range"))
        for bind in binds
    }


CHOICES = [
    *({"bind_type": kind} for kind in BindType.values),
    *({"message_id_format": form} for form in MessageIdFormat.values),
    *({"throughput": value} for value in (None, 1, 1000)),
    *({"enquire_link_interval": value} for value in (5, 300)),
    *({"gsm_data_coding": value} for value in (0, 1, 3)),
    *({"bind_ton": ton} for ton in TONS),
    *({"bind_npi": npi} for npi in NPIS),
    *({"addressing": default_addressing() | {"long_code": [ton, 1]}} for ton in TONS),
    *({"addressing": default_addressing() | {"destination": [1, npi]}} for npi in NPIS),
    {"tlvs": [{"tag": "0x1400", "type": "cstring", "value": "1101234560000012345"}]},
    {
        "tlvs": [
            {"tag": f"0x{tag:04X}", "type": "octets", "value": "ab" * 255}
            for tag in range(5120, 5130)
        ]
    },
]


def test_every_choice_that_people_have_reads_back_as_it_was_made(gateway, organization, smsc):
    for number, fields in enumerate(CHOICES):
        name = f"acme{number}"
        smsc.add_system(name, "secret")
        make_credential(organization, port=smsc.port, system_id=name, password="secret", **fields)
    smsc.add_system("overtls", "secret")
    make_credential(
        organization,
        port=smsc.tls_port,
        system_id="overtls",
        password="secret",
        tls=True,
        tls_ca=smsc.certificate,
    )

    assert run(gateway).ending is Ending.APPLIED
    smsc.wait_for(lambda: smsc.system("overtls").live_binds == 1)
    result = run(gateway)

    assert result.ending is Ending.IN_SYNC, [e["fields"] for e in result.changes]


def test_a_carrier_with_an_ipv6_address_is_bound_to(gateway, organization, make_smsc, settings):
    settings.SMPP_ALLOWED_NETWORKS = ["::1/128"]
    carrier = make_smsc(host="::1")
    carrier.add_system("plain", "secret")
    carrier.add_system("overtls", "secret")
    for name, port, tls in (("plain", carrier.port, False), ("overtls", carrier.tls_port, True)):
        make_credential(
            organization,
            host="::1",
            port=port,
            system_id=name,
            password="secret",
            tls=tls,
            tls_ca=carrier.certificate,
        )

    assert run(gateway).ending is Ending.APPLIED

    for name in ("plain", "overtls"):
        carrier.wait_for(lambda name=name: carrier.system(name).live_binds == 1)
    assert run(gateway).ending is Ending.IN_SYNC
