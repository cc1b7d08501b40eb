"""How rows are named in the admin, in messages and in logs: by no secret of theirs."""

from __future__ import annotations

import pytest

from orbit.accounts.models import (
    AuditStreamPosition,
    Authenticator,
    Passkey,
    QuotaOverride,
    RecoveryCode,
    User,
)

ADA = User(email="ada@example.com")


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (AuditStreamPosition(chain="org_1", seq=7), "org_1:7"),
        (QuotaOverride(organization_id="org_1", name="carriers", limit=5), "carriers of org_1: 5"),
        (Authenticator(user=ADA, secret="JBSWY3DP"), "authenticator of ada@example.com"),
        (Passkey(user=ADA, name="Phone"), "passkey Phone of ada@example.com"),
        (RecoveryCode(pk=3, code_hash="c0ffee"), "recovery code 3"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_row_is_named_by_whose_it_is(row, name):
    assert str(row) == name
