"""Encrypted fields, on passwords of the gateways' consoles."""

from __future__ import annotations

import pytest

from orbit.db.fields import Undecryptable, fault
from reconciler.models import Gateway
from tests.factories import lose_key

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def gateway() -> Gateway:
    return Gateway.objects.create(
        name="main", jcli_host="192.0.2.1", jcli_password="c0ns0le-pw", http_url="http://x"
    )


def test_a_value_comes_back_as_it_was_written(gateway):
    found = Gateway.objects.get()

    assert (found.jcli_password, found.amqp_url) == ("c0ns0le-pw", "")
    found.jcli_password = "an0ther"
    assert found.jcli_password == "an0ther"
    found.save()
    assert Gateway.objects.get().jcli_password == "an0ther"


def test_a_row_whose_key_is_lost_can_be_read_but_for_its_secret(gateway):
    lose_key(gateway, "jcli_password")

    found = Gateway.objects.get()

    assert (found.name, found.amqp_url) == ("main", "")
    with pytest.raises(Undecryptable, match="jcli_password: no key in FERNET_KEYS"):
        found.jcli_password  # noqa: B018 - reading it is what is tried


def test_the_fault_names_the_field_and_the_way_out(gateway):
    assert fault(gateway, "jcli_password", "amqp_url") == ""
    lose_key(gateway, "amqp_url")

    said = fault(Gateway.objects.get(), "jcli_password", "amqp_url")

    assert said.startswith("amqp_url: ")
    assert "put the old key back" in said


def test_a_lost_secret_can_be_set_anew(gateway):
    lose_key(gateway, "jcli_password")
    found = Gateway.objects.get()

    found.jcli_password = "an0ther"
    found.save()

    assert Gateway.objects.get().jcli_password == "an0ther"


def test_the_keys_are_those_of_the_setting_whatever_they_were_before(gateway, settings):
    settings.FERNET_KEYS = ["n" * 40]
    gateway.save()
    assert Gateway.objects.get().jcli_password == "c0ns0le-pw"

    settings.FERNET_KEYS = ["o" * 40]

    assert "no key in FERNET_KEYS" in fault(Gateway.objects.get(), "jcli_password")
