"""Binds side by side, pairs, and further hosts of one account."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from messaging.credentials import loops, services, views
from messaging.credentials.bind_state import would_disturb
from messaging.credentials.models import Credential, CredentialStatus
from messaging.credentials.permissions import PasswordProof
from orbit.accounts.actors import SYSTEM
from orbit.api.errors import ApiError
from tests.messaging.credentials.conftest import set_status, stored

ACCOUNT = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}


def fault(answer) -> tuple[str, str]:
    """The field, and what is said of it."""
    assert answer.status_code == 422, answer.content
    error = answer.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    return error["details"]["field"], error["message"]


def test_several_binds_are_counted_in_the_answer(api):
    one = api.post("", ACCOUNT | {"binds": 4}).json()["data"]["bind"]
    pairs = api.post("", ACCOUNT | {"port": 2, "binds": 4, "bind_type": "transmitter_receiver"})

    assert (one["bound"], one["of"], one["sessions"]) == (0, 4, [])
    assert pairs.json()["data"]["bind"]["of"] == 8


def test_a_backup_is_spelled_as_a_host_and_has_the_usual_port(api):
    backups = [{"host": "SMPP2.Carrier.example."}, {"host": "smpp3.carrier.example", "port": 3550}]

    answer = api.post("", ACCOUNT | {"backups": backups})

    assert answer.json()["data"]["backups"] == [
        {"host": "smpp2.carrier.example", "port": 2775},
        {"host": "smpp3.carrier.example", "port": 3550},
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"binds": 0}, "binds"),
        ({"binds": 11}, "binds"),
        ({"binds": 3, "max_binds": 2}, "binds"),
        ({"binds": 2, "max_binds": 3, "bind_type": "transmitter_receiver"}, "binds"),
        ({"max_binds": 1, "bind_type": "transmitter_receiver"}, "max_binds"),
        ({"backups": [{"host": f"127.0.0.{n}"} for n in range(2, 6)]}, "backups"),
        ({"backups": [{"host": "127.0.0.2"}, {"host": "not a host"}]}, "backups[1].host"),
        ({"backups": [{"host": "127.0.0.2", "port": 0}]}, "backups[0].port"),
        ({"backups": [{"host": "127.0.0.2", "tls": True}]}, "backups[0].tls"),
        ({"backups": [{"host": "127.0.0.2"}, {"host": "127.0.0.2"}]}, "backups[1].host"),
        ({"backups": [{"host": "127.0.0.1"}]}, "backups[0].host"),
    ],
)
def test_what_can_not_be_is_refused_where_it_stands(api, fields, field):
    assert fault(api.post("", ACCOUNT | fields))[0] == field


def test_more_binds_than_the_carrier_allows_are_refused_whichever_is_changed(api):
    credential_id = api.add(binds=2, max_binds=3)

    assert (
        "These are 4 binds, and the carrier allows 3"
        in fault(api.patch(f"/{credential_id}", {"binds": 4}))[1]
    )
    assert fault(api.patch(f"/{credential_id}", {"max_binds": 1}))[0] == "max_binds"
    pairs = fault(api.patch(f"/{credential_id}", {"bind_type": "transmitter_receiver"}))
    assert pairs[0] == "bind_type"
    assert "4 binds (a pair is two)" in pairs[1]
    assert api.patch(f"/{credential_id}", {"binds": 4, "max_binds": 4}).status_code == 200
    assert api.patch(f"/{credential_id}", {"max_binds": None, "binds": 9}).status_code == 200


def test_a_host_that_is_a_backup_already_is_refused(api):
    credential_id = api.add(backups=[{"host": "127.0.0.2"}])

    assert fault(api.patch(f"/{credential_id}", {"host": "127.0.0.2"}))[0] == "host"
    swapped = {"host": "127.0.0.2", "backups": [{"host": "127.0.0.1"}]}
    assert api.patch(f"/{credential_id}", swapped).status_code == 200


def test_a_backup_has_to_be_public_as_the_host_has(api, resolver):
    resolver["inside.example"] = ["10.0.0.7"]
    backups = [{"host": "127.0.0.2"}, {"host": "inside.example"}]

    field, said = fault(api.post("", ACCOUNT | {"backups": backups}))

    assert field == "backups[1].host"
    assert "inside.example (10.0.0.7) is not allowed" in said


def test_no_backup_leads_to_a_gateway_of_ours(api, monkeypatch):
    monkeypatch.setattr(loops, "_servers", lambda: [("127.0.0.9", 2775)])

    field, said = fault(api.post("", ACCOUNT | {"backups": [{"host": "127.0.0.9"}]}))

    assert field == "backups[0].host"
    assert "a gateway of this installation" in said


def test_only_new_hosts_are_looked_up(api, monkeypatch):
    credential_id = api.add(backups=[{"host": "127.0.0.2"}, {"host": "127.0.0.3"}])
    asked = []
    monkeypatch.setattr(views, "check_hosts", lambda places, **_: asked.append(places))

    api.patch(f"/{credential_id}", {"backups": [{"host": "127.0.0.3"}, {"host": "127.0.0.4"}]})
    api.patch(f"/{credential_id}", {"backups": []})

    assert asked == [{"backups[1].host": ("127.0.0.4", 2775)}]


def test_a_backup_that_nobody_checked_is_not_written(api):
    credential = stored(api.add())

    with pytest.raises(ApiError) as refused:
        services.update(
            by=SYSTEM,
            credential=credential,
            fields={"backups": [{"host": "127.0.0.2", "port": 2775}]},
            proof=PasswordProof(may_reveal=True),
        )

    assert refused.value.code == "INVALID_STATE"


@pytest.mark.parametrize(
    ("fields", "binds", "disturbs"),
    [
        ({}, 1, False),  # nobody knows how many are allowed
        ({"max_binds": 1}, 1, True),
        ({"max_binds": 2}, 1, False),
        ({"max_binds": 4, "binds": 4}, 1, True),
        ({"max_binds": 5, "binds": 4}, 1, False),
        ({"max_binds": 3, "bind_type": "transmitter_receiver"}, 1, False),
        ({"max_binds": 3, "bind_type": "transmitter_receiver"}, 2, True),
    ],
)
def test_a_trial_disturbs_where_all_that_the_carrier_allows_are_taken(fields, binds, disturbs):
    credential = Credential(**fields)
    credential.status = CredentialStatus(bind_state="bound")

    assert would_disturb(credential, binds=binds) is disturbs


def test_a_pair_is_tried_by_its_transmitter(api, smsc, carrier):
    credential_id = api.add(port=smsc.port, bind_type="transmitter_receiver")
    carrier.password = "n3w-one"

    answer = api.rotate(credential_id, password="n3w-one")

    assert answer.json()["data"]["verification"] == {"result": "bound", "reason": ""}
    assert carrier.binds_accepted == 1
    assert stored(credential_id).bind_types == ("transmitter", "receiver")


def test_who_is_switched_off_has_no_binds(api):
    credential_id = api.add(binds=2)
    set_status(credential_id, bind_state="bound", bound=2, sessions=[{"state": "bound"}])

    bind = api.patch(f"/{credential_id}", {"enabled": False}).json()["data"]["bind"]

    assert (bind["state"], bind["bound"], bind["of"], bind["sessions"]) == ("disabled", 0, 2, [])


def test_binds_that_were_up_before_the_upgrade_are_counted(api):
    up, down = api.add(), api.add(port=2776)
    set_status(up, bind_state="bound")

    migration = import_module("messaging.migrations.0028_several_binds")
    migration.count_those_that_are_up(apps, None)

    assert [stored(each).observed.bound for each in (up, down)] == [1, 0]
