"""Rounds of the diagnosis in a queue of their own, one organisation each.

A carrier that takes the connection and says nothing keeps a round for ten seconds. So workers of
passes only queue rounds, an organisation has one at a time, and the others' go on beside it.
"""

from __future__ import annotations

from messaging import enqueue
from reconciler import bind_diagnosis, budgets, runs
from reconciler.models import Gateway

TASK = "reconciler.tasks.diagnose"
LONGEST = 60  # seconds; a round whose worker died keeps the next one back for so long
EXPIRES = 25  # seconds; after that, the next pass has queued another


def _mark(organization_id: str) -> str:
    """The cache key that says: a round of this organisation is queued or runs."""
    return f"diagnosis:{organization_id}"


def queue(gateway: Gateway, *, organization_id: str = "") -> bool:
    """Queue a round for each organisation with a bind to ask about. Return False: there is nothing
    to act on yet, as `bind_diagnosis.diagnose` would say."""
    for each in bind_diagnosis.due_organizations(gateway, organization_id=organization_id):
        enqueue.send_once(_mark(each), LONGEST, TASK, gateway.pk, each, expires=EXPIRES)
    return False


def run(gateway_id: str, organization_id: str, *, wait: float) -> None:
    """Ask the carriers of one organisation, and act on their answers in a pass of it."""
    gateway = Gateway.objects.filter(pk=gateway_id, enabled=True).first()
    acted = False
    try:
        if gateway is not None:
            acted = bind_diagnosis.diagnose(gateway, organization_id=organization_id)
        if acted and not budgets.charge_pass(organization_id):  # else beat acts on them
            result = runs.act_on_answers(gateway, organization_id=organization_id, wait=wait)
            budgets.charge_pass(organization_id, result.held, is_down=True)
    finally:
        enqueue.over(_mark(organization_id))
    if acted:  # so they are fewer now; else the next pass asks again
        queue(gateway, organization_id=organization_id)
