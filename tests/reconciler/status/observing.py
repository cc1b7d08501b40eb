"""What a pass writes of what it found, without a Jasmin."""

from __future__ import annotations

from reconciler import desired
from reconciler.diff import Action, Change
from reconciler.models import Gateway
from reconciler.state import Kind
from reconciler.status import credential_status
from tests.reconciler.states import state


def look(gateway: Gateway, *objects, outcomes=None, before=lambda: None) -> bool:
    """A pass that found these objects; `before`: what happens between snapshot and writing."""
    wanted = desired.build(desired.take_snapshot(gateway))
    before()
    return credential_status.observe(gateway, wanted, state(*objects), outcomes)


def failed(kind: Kind, key: str, said: str) -> dict[Change, str]:
    return {Change(kind, key, Action.CREATE, "missing"): said}
