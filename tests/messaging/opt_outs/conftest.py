"""Numbers that have opted out, and callers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from messaging.opt_outs import changes
from messaging.opt_outs.models import OptOut, Source
from orbit.accounts.models import Organization
from tests.factories import make_organization
from tests.messaging.callers import Caller

PHONE, OTHER_PHONE = "+33612345678", "+33699999999"


class Api(Caller):
    """With the routes of opt-outs."""

    url = "/v1/opt-outs"


@pytest.fixture
def api(organization: Organization) -> Api:
    """An owner's key with every scope."""
    return Api(organization)


@pytest.fixture
def opt_out(organization: Organization) -> Callable[..., OptOut]:
    """Put a number on the list."""

    def add(number: str = PHONE, scope: str = "organization", **fields: Any) -> OptOut:
        columns = {"organization": organization, "source": Source.API} | fields
        row = OptOut(number=number, scope=scope, **columns)
        changes.add([row])
        columns["organization"].refresh_from_db()
        return row

    return add


@pytest.fixture
def stranger(db) -> Api:
    return Api(make_organization())
