"""What an answer costs that gives nothing, in this process: a flood is mostly those.

The whole request but for the web server: CPU of Python and PostgreSQL, statements, trips to Redis.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection

from orbit.accounts.quotas.models import QuotaOverride
from orbit.api import cpu_limits
from tests.benchmarks.road import sizes
from tests.benchmarks.road.cpu_yardstick import yardstick
from tests.benchmarks.road.meter import Meter
from tests.benchmarks.road.wsgi_client import Caller
from tests.factories import make_api_key, make_organization

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

ME, POOLS = "/v1/me", "/v1/messaging/sender-pools"


def test_refusals(settings, monkeypatch) -> None:
    # A connection that has got too old is not of a request.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", None)
    connection.close()
    print(f"\n\nAnswers in process, mean of {sizes.REFUSALS}")
    heads = ("Python ms", "PostgreSQL ms", "statements", "Redis trips")
    print(f"  {'':<24}{'status':>8}" + "".join(f"{head:>15}" for head in heads))
    organization = make_organization()
    caller = Caller(make_api_key(organization).secret)
    QuotaOverride.objects.create(organization=organization, name="sender_pools", limit=0)
    pool = {"name": "None", "members": []}

    measure("taken: GET /v1/me", lambda: caller.get(ME))
    measure("unknown key", lambda: Caller("dv_live_sk_guessed").get(ME))
    measure("unknown path", lambda: caller.get("/v1/nothing"))
    measure("above a quota", lambda: caller.post(POOLS, pool))
    settings.API_RATE_LIMIT = "1/3600"
    measure("above API_RATE_LIMIT", lambda: caller.get(ME))
    settings.API_RATE_LIMIT = "1000000/3600"
    settings.API_CPU_LIMIT = "1/600"
    cpu_limits.note(SimpleNamespace(cpu_account=organization.pk), 200, 1000.0)
    measure("above API_CPU_LIMIT", lambda: caller.get(ME))
    print(f"  yardstick {yardstick():.1f} ms (road/cpu_yardstick.py)")


def measure(what: str, request: Callable[[], tuple[int, object]]) -> None:
    request()
    status, _ = request()
    meter = Meter()
    with meter.measured():
        for _ in range(sizes.REFUSALS):
            request()
    sums = (1000 * meter.python, 1000 * meter.postgres, meter.statements, meter.trips)
    print(f"  {what:<24}{status:>8}" + "".join(f"{each / sizes.REFUSALS:>15.2f}" for each in sums))
