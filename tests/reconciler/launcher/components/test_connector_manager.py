"""Jasmin's console, statistics and store show and control the lane's connectors."""

from __future__ import annotations

import re

import pytest

from tests.reconciler.launcher.jasmin_client import PASSWORD, JasminClient

pytestmark = pytest.mark.stack


def shown(client: JasminClient, cid: str) -> dict[str, str]:
    return dict(line.partition(" ")[::2] for line in client.type(f"smppccm -s {cid}"))


def test_a_message_goes_out_and_its_reports_come(launched: JasminClient, carrier) -> None:
    cid = launched.open(carrier())

    message = launched.send(cid, "hello", dlr_level=3)

    # Each is posted by itself, so the second may be there before the first.
    launched.wait(lambda: launched.reported(message, 1) and launched.reported(message, 2))
    assert launched.reported(message, 1) == ["ESME_ROK"]
    assert launched.reported(message, 2) == ["DELIVRD"]


def test_it_is_stopped_and_started_and_counted(launched: JasminClient, carrier) -> None:
    cid = launched.open(carrier())

    assert launched.type(f"smppccm -0 {cid}") == [f"Successfully stopped connector id:{cid}"]
    assert launched.type(f"smppccm -0 {cid}") == [
        "Failed stopping connector, check log for details"
    ]
    assert launched.type(f"smppccm -1 {cid}") == [f"Successfully started connector id:{cid}"]
    launched.wait_until_bound(cid)

    row = next(row for row in launched.type("smppccm -l") if row.startswith(f"#{cid} "))
    assert row.split()[1:] == ["started", "BOUND_TRX", "2", "1"]
    stats = "\n".join(launched.type(f"stats --smppc {cid}"))
    assert re.search(r"#bound_count +2", stats)
    assert re.search(r"#bound_at +20\d\d-", stats)


def test_its_account_is_changed_in_place(launched: JasminClient, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    smsc.add_system("other", PASSWORD)

    said = launched.type(f"smppccm -u {cid}", "username other", "ok")

    assert said == [f"Successfully updated connector [{cid}]"]
    launched.wait(lambda: smsc.system("other").live_binds and not smsc.system("acme").live_binds)
    launched.wait_until_bound(cid)
    assert shown(launched, cid)["username"] == "other"


def test_it_has_several_binds_and_a_backup(launched: JasminClient, carrier) -> None:
    smsc = carrier()
    dead = 1
    cid = launched.open(
        smsc, port=dead, binds=2, pairs="yes", bind="transmitter",
        backups=f"127.0.0.1/{smsc.port}/", max_binds=4,
    )  # fmt: skip

    launched.wait(lambda: smsc.system("acme").live_binds == 4)
    row = next(row for row in launched.type("smppccm -l") if row.startswith(f"#{cid} "))
    assert row.split()[2] == "BOUND_TX"

    launched.type(f"smppccm -u {cid}", "backups none", f"port {smsc.port}", "binds 1", "ok")

    launched.wait(lambda: smsc.system("acme").live_binds == 2)
    keys = shown(launched, cid)
    assert (keys["binds"], keys["pairs"], keys["backups"]) == ("1", "yes", "None")


def test_a_connector_that_was_removed_and_added_sends(launched: JasminClient, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    launched.type(f"smppccm -r {cid}")
    assert f"#{cid} " not in "\n".join(launched.type("smppccm -l"))

    launched.open(smsc)
    launched.send(cid)

    launched.wait(lambda: smsc.system("acme").submits)


def test_it_is_there_again_after_a_kill(launched: JasminClient, carrier) -> None:
    cid = launched.open(carrier(), window=7, lane="acme.1", tlvs="1400=313233,1401=00ff")

    launched.jasmin.kill()
    launched.jasmin.start()

    launched.wait_until_bound(cid)
    keys = shown(launched, cid)
    assert (keys["window"], keys["lane"], keys["tlvs"]) == ("7", "acme.1", "1400=313233,1401=00ff")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("window", "0"),
        ("window", "many"),
        ("lane", "a b"),
        ("senders", "long_code=1"),
        ("plus", "maybe"),
        ("tls_verify", "some"),
        ("tls_ca", "AAAA"),
        ("tlvs", "1400=xyz"),
        ("tlvs", "14000=00"),
        ("binds", "0"),
        ("binds", "11"),
        ("pairs", "maybe"),
        ("backups", "smpp.example.com/2775/"),
        ("backups", "192.0.2.1/0/"),
        ("max_binds", "-1"),
    ],
)
def test_an_invalid_value_of_a_key_is_refused(launched: JasminClient, key: str, value: str) -> None:
    with launched.person() as person:
        person.type("smppccm -a")
        person.type("cid c-refused")
        person.type(f"{key} {value}")
        said = person.type("ok")
        person.type("ko")

    assert said[0].startswith(f"Error: {key} must be ")


def test_a_password_has_up_to_sixteen_characters(launched: JasminClient, smsc) -> None:
    smsc.add_system("long", "0123456789abcdef")

    assert launched.open(smsc, system_id="long", password="0123456789abcdef")


def test_its_counters_are_in_every_list(launched: JasminClient, carrier) -> None:
    smsc = carrier()
    cid = launched.open(smsc)
    launched.send(cid, dlr_level=2)
    launched.wait(lambda: launched.reports)

    row = next(row for row in launched.type("stats --smppcs") if row.startswith(f"#{cid} "))
    assert row.split()[-4:] == ["1/1", "1/0", "0", "0"]
    metrics = launched.get("metrics")
    for name in ("bound_count", "submit_sm_count", "deliver_sm_count"):
        assert f'smppc_{name}{{cid="{cid}"}} 1\n' in metrics
