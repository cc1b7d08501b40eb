"""What the audit says in the end."""

from __future__ import annotations

from orbit.accounts.models import AuditEvent
from tests.fixtures.site import Site


def audited(action: str, **filters: object) -> int:
    """How often it stands there."""
    return AuditEvent.objects.filter(action=action, **filters).count()


def assert_chain_is_whole(site: Site) -> None:
    """As an operator proves it."""
    proof = site.manage("verify_audit")
    assert proof.returncode == 0, proof.stdout + proof.stderr
