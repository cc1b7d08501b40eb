"""One pass over one gateway. Every caller that changes Jasmin goes through `reconcile`.

    names → lock → desired → actual → diff → plan → safety → portion → apply → persist → read again
    → record

Level-triggered: it never asks what happened, only what is wanted and what is. A second pass finds
nothing to do, and then writes nothing to Jasmin. A pass that is killed anywhere is finished by
the next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from django.conf import settings

from orbit.db.fields import Undecryptable
from reconciler import (
    actual,
    addresses,
    arrivals,
    desired,
    executor,
    first_binds,
    lock,
    opt_out_copies,
    placements,
    portions,
)
from reconciler.desired import Desired
from reconciler.diff import diff
from reconciler.executor import Outcomes
from reconciler.gateway_client import gateway_console, password_probe, readiness
from reconciler.jasmin.capabilities import OPT_OUTS
from reconciler.jcli.console import Console
from reconciler.jcli.errors import JcliError
from reconciler.models import Gateway
from reconciler.plan import Plan, as_data, make_plan
from reconciler.portions import Portion
from reconciler.result import Ending, Result
from reconciler.safety import unsafe_reason
from reconciler.state import Kind, State
from reconciler.status import (
    access_status,
    credential_status,
    gateway_faults,
    gateway_status,
    pass_durations,
    run_history,
)

logger = logging.getLogger(__name__)

BIND_WAIT = 0.3  # seconds that a pass waits for the binds that it has started
SHORT_BIND_WAIT = 0.1  # for an organisation whose carriers keep other binds down
BIND_POLL = 0.03


def reconcile(
    gateway: Gateway,
    *,
    organization_id: str = "",
    trigger: str,
    plan_only: bool = False,
    force: bool = False,
    wait: float = 0.0,
    begun: Callable[[], None] | None = None,
) -> Result:
    """Make one gateway what its organisations want, or only plan it (`plan_only`).

    - `organization_id`: only what belongs to this organisation is read and changed.
    - `force`: apply also a plan that looks like a mistake.
    - `wait`: seconds to wait for a pass that is running.
    - `begun`: called once the lock is held, before any read.
    """
    started = time.monotonic()
    answers = addresses.look_up(gateway, organization_id=organization_id)
    with lock.held(f"gateway-{gateway.pk}", wait=wait) as ours:
        if not ours:
            return Result(Ending.BUSY, gateway.name, error="another pass is running")
        if begun:
            begun()
        if not plan_only:
            run_history.mark_died(gateway)
        job = _Pass(gateway, organization_id, trigger, plan_only, force, started, answers)
        locked = time.monotonic()
        try:
            gateway.refresh_from_db()
            with gateway_console.connect_if_ready(gateway) as console:
                gateway_console.wait_if_restarted(gateway, console)
                result = job.run(console)
        except (JcliError, Undecryptable) as error:
            logger.warning("gateway %s is down: %s", gateway.name, error)
            if not plan_only:
                is_shown = isinstance(error, readiness.GatewayDown)
                run_history.pass_failed(gateway, str(error), trigger, shown_by_looks=is_shown)
            result = Result(Ending.DOWN, gateway.name, error=str(error))
        if not plan_only and not organization_id:
            pass_durations.record(
                gateway.pk,
                seconds=time.monotonic() - locked,
                failed=result.ending not in (Ending.IN_SYNC, Ending.APPLIED),
            )
        return replace(result, held=time.monotonic() - locked)


class _Pass:
    """One pass over an open console, under the lock."""

    def __init__(
        self,
        gateway: Gateway,
        organization_id: str,
        trigger: str,
        plan_only: bool,
        force: bool,
        started: float,
        answers: addresses.Answers,
    ) -> None:
        self.gateway, self.organization_id, self.trigger = gateway, organization_id, trigger
        self.plan_only, self.force, self.started = plan_only, force, started
        self.answers = answers
        self.opt_out_faults: dict[str, str] = {}

    def run(self, console: Console) -> Result:
        self.console = console
        snapshot = desired.take_snapshot(self.gateway, organization_id=self.organization_id)
        self.snapshot = snapshot
        found = actual.read(console, only=snapshot.keys)
        bound = [cid for cid, connector in found.connectors.items() if connector.is_bound]
        wanted = desired.build(
            snapshot,
            bound=bound,
            capabilities=console.greeting.capabilities,
            answers=self.answers,
        )
        # A push has to be quick: it probes what people changed, and looks for no other drift.
        suspects = wanted.changed_accesses if self.trigger == "push" else wanted.state.users
        turn = int(time.time() // settings.RECONCILE_INTERVAL)
        found = password_probe.probe_passwords(self.gateway, suspects, found, turn)
        plan = make_plan(diff(wanted.state, found), found, wanted.names)
        first = first_binds.judge(wanted, plan, found)
        if first.late:
            wanted = first.without_late(wanted)
            plan = make_plan(diff(wanted.state, found), found, wanted.names)
        if self.plan_only:
            return self._result(Ending.PLANNED if plan else Ending.IN_SYNC, plan)
        self.opt_out_faults = self._bring_opt_outs()
        refusal = self._refusal(plan, wanted, found)
        if refusal:
            run = run_history.unsafe(
                self.gateway, self.trigger, self.organization_id, plan, refusal
            )
            reason = f"the whole plan was refused: {refusal}"
            told = dict.fromkeys(plan.changes, reason)
            self._observe(Portion(plan), wanted, found, told, fault=reason)
            return self._result(Ending.UNSAFE, plan, error=refusal, run_id=run.pk)
        portion = Portion(plan)
        if self.trigger in ("push", "beat") and not self.force:  # else a person waits for all
            limit = settings.PASS_CREDENTIALS_PER_ORGANIZATION
            portion = portions.take(plan, self.snapshot.candidates, limit=limit)
        first.write(but=portion.put_off)
        if not plan and not self.gateway.unpersisted:
            credential_status.remember_addresses(wanted)  # of another name, for example
            again = self._observe(portion, wanted, found, {})
            return self._result(Ending.IN_SYNC, plan, again=again)
        return self._apply(portion, wanted)

    def _bring_opt_outs(self) -> dict[str, str]:
        """Before anything else: a platform may not bind before its organisation's list is there.
        Return the organisations whose list is not, and why."""
        if OPT_OUTS not in self.console.greeting.capabilities:
            return {}
        whole = self.snapshot.keys is None
        turn = int(time.time() // settings.RECONCILE_INTERVAL)
        rows = self.snapshot.organizations
        return opt_out_copies.equalize(self.gateway, rows, turn=turn, whole=whole)

    def _apply(self, portion: Portion, wanted: Desired) -> Result:
        plan = portion.now
        run = run_history.begin(self.gateway, self.trigger, self.organization_id, plan)
        credential_status.remember_addresses(wanted)
        errors = executor.apply(plan, self.console, lambda: gateway_console.connect(self.gateway))
        with_names = wanted.names.with_names
        outcomes = {change: with_names(change, error) for change, error in errors.items()}
        unpersisted = executor.persist(self.console)
        try:
            found = self._read_again(plan)
        except JcliError as error:
            run_history.finish(run, self.gateway, outcomes, f"not read back: {error}")
            raise
        left = make_plan(diff(wanted.state, found), found, wanted.names)
        undone = {(change.kind, change.key) for change in left.changes} - portion.rest
        for change, error in outcomes.items():
            if not error and (change.kind, change.key) in undone:
                outcomes[change] = "Jasmin said that it did it, but reads otherwise"
        run = run_history.finish(run, self.gateway, outcomes, unpersisted)
        seen = replace(portion, now=left)
        again = self._observe(seen, wanted, found, outcomes, fault=unpersisted)
        return self._result(
            Ending.FAILED if run.error else Ending.APPLIED,
            plan,
            changes=tuple(run.changes),
            error=run.error,
            run_id=run.pk,
            persisted=not unpersisted,
            settling=tuple(self._unbound(plan, found)),
            again=again,
            left=() if all(outcomes.values()) else portion.left,
        )

    def _observe(
        self, portion: Portion, wanted: Desired, found: State, outcomes: Outcomes, fault: str = ""
    ) -> bool:
        """Write down what the pass has seen; return whether a further pass has something to do.

        `fault`: why nothing of the plan is done for good.
        """
        stuck = wanted.state.unreadable.keys() | portion.put_off | portion.waiting
        stuck |= {change.owner for change, error in outcomes.items() if error}
        if not fault:
            arrivals.end_moves(self.gateway, self.snapshot, wanted, found, stuck=stuck)
        withheld = {change: change.reason for change in portion.now.withheld}
        # Organisations read these; of a session that broke they would name the console's address.
        told = withheld | {
            change: self.gateway.without_addresses(error) for change, error in outcomes.items()
        }
        again = credential_status.observe(
            self.gateway, wanted, found, told, put_off=portion.put_off
        )
        uids = wanted.accesses.keys() & found.users.keys()
        traffic = actual.read_traffic(self.console, uids)
        access_status.observe(
            wanted,
            told,
            traffic,
            gateway=self.gateway,
            epoch=found.epoch,
            waiting=portion.waiting,
        )
        failed = (
            {self.organization_id: fault}
            if fault
            else gateway_faults.by_organization(withheld | outcomes, wanted.names)
        )
        failed = self.opt_out_faults | failed
        gateway_faults.store(self.gateway, failed, organization_id=self.organization_id)
        is_whole = self.snapshot.keys is None
        gateway_status.mark_up(self.gateway, found, self.console.greeting, is_whole=is_whole)
        return again

    def _read_again(self, plan: Plan) -> State:
        """Read Jasmin again, a moment after the binds of this plan were started."""
        wait = SHORT_BIND_WAIT if self.snapshot.has_bind_down else BIND_WAIT
        deadline = time.monotonic() + wait
        starting = {
            change.key
            for change in plan.of(Kind.CONNECTOR)
            if change.resource is not None and change.resource.running
        }
        while starting and time.monotonic() < deadline:
            rows = actual.read_sessions(self.console)
            bound = {cid for cid, row in rows.items() if row.session.startswith("BOUND_")}
            if starting <= bound:
                break
            time.sleep(BIND_POLL)
        return actual.read(self.console, only=self.snapshot.keys)

    def _refusal(self, plan: Plan, wanted: Desired, found: State) -> str:
        if self.force:
            return ""
        # Objects of rows that exist were not lost with the database: their deletion is wanted.
        known = self.snapshot.known | placements.known_elsewhere(self.gateway, plan)
        asked = known | {str(route.order) for route in found.routes if route.user in known}
        changed = self.snapshot.changed
        return unsafe_reason(plan, wanted.state, found, asked=asked, changed=changed)

    @staticmethod
    def _unbound(plan: Plan, found: State) -> list[str]:
        """Return cids of connectors that this plan started and that are not bound yet."""
        changed = {change.key for change in plan.of(Kind.CONNECTOR)}
        return [
            cid
            for cid, connector in found.connectors.items()
            if cid in changed and connector.running and not connector.is_bound
        ]

    def _result(self, ending: Ending, plan: Plan, **fields) -> Result:
        fields.setdefault("changes", tuple(as_data(change) for change in plan.changes))
        return Result(
            ending,
            self.gateway.name,
            warnings=plan.warnings,
            seconds=time.monotonic() - self.started,
            gateway_seconds=self.console.waited,
            **fields,
        )
