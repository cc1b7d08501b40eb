"""What of a carrier's settings belongs to its binds, and to each of them."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.launcher.lane.carrier_settings import CarrierSettings, Host

BACKUP = Host("192.0.2.2", 2776, "backup.example")


def settings(**changed: Any) -> CarrierSettings:
    return CarrierSettings(
        **{"host": "192.0.2.1", "port": 2775, "system_id": "acme", "password": "secret"} | changed
    )


@pytest.mark.parametrize(
    ("changed", "types"),
    [
        ({}, ["transceiver"]),
        ({"binds": 3, "bind_type": "transmitter"}, ["transmitter"] * 3),
        ({"binds": 2, "pairs": True}, ["transmitter", "receiver"] * 2),
        ({"binds": 2, "pairs": True, "max_binds": 3}, ["transmitter", "receiver", "transmitter"]),
        ({"binds": 5, "max_binds": 2}, ["transceiver"] * 2),
    ],
)
def test_no_more_binds_than_the_carrier_allows(changed, types) -> None:
    assert settings(**changed).bind_types == types


def test_the_host_comes_before_its_backups() -> None:
    ours = settings(tls_server_name="a.example", backups=(BACKUP,))

    assert ours.hosts == (Host("192.0.2.1", 2775, "a.example"), BACKUP)


def test_a_bind_at_a_backup_differs_in_its_address_alone() -> None:
    ours = settings(tls_server_name="a.example", backups=(BACKUP,), window=7)

    there = ours.at(BACKUP, "receiver")

    assert (there.host, there.port, there.tls_server_name) == BACKUP
    assert there.bind_type == "receiver"
    assert there.at(ours.hosts[0], "transceiver") == ours
    assert ours.at(ours.hosts[0], "transceiver") == ours


@pytest.mark.parametrize("name", ["system_id", "password", "system_type", "tls_ca", "tls_key"])
def test_another_account_or_certificate_needs_another_bind(name) -> None:
    assert not settings().binds_like(settings(**{name: "another"}))


def test_other_settings_change_while_a_bind_lives() -> None:
    assert settings().binds_like(settings(window=9, throughput=5.0, host="192.0.2.9", account="b"))


def test_a_bind_keeps_what_it_was_made_with_and_takes_the_rest() -> None:
    made_with = settings(backups=(BACKUP,), account="old", window=1)
    wanted = settings(host="192.0.2.9", password="new", account="new", window=9, plus=False)

    found = wanted.but_bound_like(made_with)

    assert found.binds_like(made_with)
    assert (found.hosts, found.account) == (made_with.hosts, "old")
    assert (found.window, found.plus) == (9, False)
    assert "secret" not in repr(found)
