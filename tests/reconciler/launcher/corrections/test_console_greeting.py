"""The console's greeting, and what the reconciler makes of it."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from messaging.credentials.models import default_addressing
from orbit.dev.stack import Jasmin
from reconciler.gateway_api import CAPABILITIES
from reconciler.jasmin.capabilities import LACKS
from reconciler.loop import reconcile
from reconciler.models import Gateway
from reconciler.representation import represent_gateway
from tests.reconciler.conftest import make_credential, make_gateway, make_tenant
from tests.reconciler.launcher.jasmin_client import PASSWORD, JasminClient

pytestmark = pytest.mark.stack


@pytest.fixture
def row(transactional_db, bare: Jasmin) -> Gateway:
    return make_gateway(bare)


def fill(gateway: Gateway, client: JasminClient, smsc) -> list[str]:
    """Reconcile a credential at `smsc`; the settings of its connector as the console shows them."""
    tenant = make_tenant(gateway)
    credential = make_credential(
        tenant,
        port=smsc.port,
        system_id="acme",
        password=PASSWORD,
        window=7,
        addressing=default_addressing() | {"plus": True},
    )
    assert reconcile(gateway, trigger="command").ending == "applied"
    assert reconcile(gateway, trigger="command").ending == "in_sync"
    gateway.refresh_from_db()
    smsc.wait_for(lambda: smsc.system("acme").live_binds == 1)
    return client.type(f"smppccm -s {credential.gateway_key}")


def test_a_stock_jasmin_is_served_and_what_it_lacks_is_named(row, stock, carrier, capsys) -> None:
    settings = fill(row, stock, carrier())

    assert not [line for line in settings if line.startswith(("window", "lane", "senders"))]
    shown = represent_gateway(row)
    assert (shown["jasmin_version"], shown["launcher_version"]) == ("0.11.0", None)
    assert shown["lacking"] == list(LACKS.values())
    call_command("gateways", "list")
    assert "lacking: one submit in flight" in capsys.readouterr().out


def test_a_launcher_is_seen_and_used(row, launched, carrier) -> None:
    settings = fill(row, launched, carrier())

    assert {"window 7", "plus yes", "src_ton 1"} <= set(settings)
    assert "senders long_code=1/1,short_code=3/0,alphanumeric=5/0" in settings
    shown = represent_gateway(row)
    assert (shown["launcher_version"], shown["lacking"]) == ("2", [])
    assert shown["capabilities"] == sorted(CAPABILITIES)


def test_its_keys_survive_a_kill(row, launched, carrier) -> None:
    settings = fill(row, launched, carrier())
    launched.jasmin.kill()
    launched.jasmin.start()

    assert reconcile(row, trigger="command").ending == "in_sync"
    assert "window 7" in settings
