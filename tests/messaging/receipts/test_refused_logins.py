"""Binds of platforms that a gateway refused are in the audit of their organisation."""

from __future__ import annotations

import pytest

from orbit.accounts.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_a_refused_bind_is_audited_with_its_address(organization, log):
    user = organization.gateway_key
    log.write("login", user=user, address="203.0.113.9", silenced=False)
    log.write("login", user=user, address="203.0.113.9", silenced=True)
    log.take()

    wrong, last = AuditEvent.objects.filter(action="access.login_refused").order_by("seq")
    assert (wrong.organization_id, wrong.outcome) == (organization.pk, "refused")
    assert (wrong.target, wrong.address) == (user, "203.0.113.9")
    assert "no bind from there is answered for a while" not in wrong.detail
    assert "no bind from there is answered for a while" in last.detail


def test_the_audit_tells_an_address_from_a_password(organization, log):
    """A right password from elsewhere is one that was stolen."""
    user = organization.gateway_key
    for why in ("login", "address"):
        log.write("login", user=user, address="203.0.113.9", why=why, silenced=False)
    log.take()

    login, address = AuditEvent.objects.filter(action="access.login_refused").order_by("seq")
    assert login.detail.startswith("wrong password at ")
    assert address.detail.startswith("right password, from an address that is not allowed at ")


def test_a_name_that_is_nobody_s_fills_no_audit(organization, log):
    log.write("login", user="another\0", address="203.0.113.9", silenced=False)
    log.take()
    assert not AuditEvent.objects.filter(action="access.login_refused").exists()
