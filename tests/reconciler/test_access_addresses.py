"""The addresses from which an access may be bound, in a running gateway."""

from __future__ import annotations

import pytest
from django.utils import timezone

from messaging.access.models import Access
from orbit.accounts.models import AuditEvent, Organization
from orbit.dev.stack import Jasmin
from tests.reconciler.conftest import make_tenant
from tests.reconciler.launcher.smpp_platform import SmppPlatform
from tests.reconciler.log_reading import read_log
from tests.reconciler.passes import run

ELSEWHERE = ["198.51.100.0/24"]
REFUSED = 0x0E  # ESME_RINVPASWD


def make_access(organization: Organization, **fields) -> Access:
    return Access.objects.create(
        organization=organization,
        enabled=True,
        password="acc3ss-1",
        password_set_at=timezone.now(),
        **fields,
    )


def allow(access: Access, addresses: list[str]) -> None:
    Access.objects.filter(pk=access.pk).update(
        allowed_ips=addresses, version=access.version + 1, sync_state="pending"
    )
    access.refresh_from_db()


def status_of_bind(jasmin: Jasmin, access: Access, password: str = "acc3ss-1") -> int:
    with SmppPlatform(jasmin, access.organization.gateway_key, password) as platform:
        return platform.bound.status


def is_open(platform: SmppPlatform) -> bool:
    """Whether the session answers; one that is ended hears an unbind first."""
    try:
        return platform.ask("enquire_link").command == "enquire_link_resp"
    except (AssertionError, OSError):
        return False


@pytest.mark.stack
def test_one_pass_ends_the_sessions_from_elsewhere_and_touches_no_others(
    gateway, jasmin, organization
):
    access, other = make_access(organization), make_access(make_tenant(gateway))
    run(gateway)
    with (
        SmppPlatform(jasmin, organization.gateway_key, "acc3ss-1") as goes,
        SmppPlatform(jasmin, other.organization.gateway_key, "acc3ss-1") as stays,
    ):
        assert goes.bound.status == stays.bound.status == 0
        allow(access, ELSEWHERE)

        result = run(gateway)

        assert [(each["kind"], each["action"]) for each in result.changes] == [("user", "update")]
        assert not is_open(goes)
        assert is_open(stays)
    assert status_of_bind(jasmin, access) == status_of_bind(jasmin, access, "guess") == REFUSED
    assert run(gateway).changes == ()

    allow(access, [*ELSEWHERE, "127.0.0.0/8"])
    run(gateway)
    assert status_of_bind(jasmin, access) == 0


@pytest.mark.stack
def test_the_list_outlives_a_restart_and_the_log_says_why(gateway, jasmin, organization):
    access = make_access(organization, allowed_ips=ELSEWHERE)
    run(gateway)

    jasmin.stop()
    jasmin.start()

    assert status_of_bind(jasmin, access) == REFUSED
    assert run(gateway).changes == ()
    read_log(gateway)
    [row] = AuditEvent.objects.filter(action="access.login_refused")
    assert row.organization_id == organization.pk
    assert row.detail.startswith("right password, from an address that is not allowed")


def test_a_gateway_that_can_not_says_so(modelled, tenant):
    """The model is one without our launcher."""
    access = make_access(tenant, allowed_ips=ELSEWHERE)

    run(modelled)

    access.refresh_from_db()
    assert access.sync_state == "error"
    assert "`allowed_ips` are left out" in access.sync_error
    assert run(modelled).changes == ()

    allow(access, [])
    run(modelled)
    access.refresh_from_db()
    assert (access.sync_state, access.sync_error) == ("synced", "")
