"""STOP in the course of a campaign, and of what an organisation's platform submits.

No submit to a number may be later than `GRACE` after the opt-out's row was made. Who is about to
write STOP gets the campaign's message some tenths of a second or some seconds later.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from statistics import median
from typing import Any

from messaging.opt_outs.models import OptOut
from orbit.dev.stack.processes import poll
from tests.benchmarks.road import sizes
from tests.benchmarks.road.world import Tenant
from tests.benchmarks.two_way.world import CODES, World, receive, until
from tests.reconciler.launcher.smpp_platform import SmppPlatform

GRACE = 2.0  # seconds
AHEAD = (0.2, 0.5, 1.0, 1.5, 2.5, 4.0)  # seconds until a number's turn
ACCESS = "/v1/messaging/smpp/access"
TAKEN, OPTED_OUT, STATUS_TEXT = (0, None), (0x0B, b"opted out\0"), 0x001D
PHONE = "+33639{:06}"  # none of the campaign's
PATIENCE = 60.0  # seconds until a platform's submit is refused
LOOK = 0.02  # seconds between two submits of a platform


def campaign(world: World) -> None:
    tenant, count = world.tenant("FR", "ES"), sizes.CAMPAIGN
    receive(tenant, "FR", "ES")
    body = {"name": "Sale", "body": "Your code is {{n}}", "sender_pool_id": tenant.pool_id}
    path = (
        f"/v1/campaigns/{tenant.made('/v1/campaigns', body | {'throughput': sizes.CAMPAIGN_PACE})}"
    )
    csv = "to,n\n" + "".join(f"{tenant.number(n)},{n:06}\n" for n in range(count))
    answer = tenant.api.post(
        f"{path}/recipients", csv.encode(), headers={"Content-Type": "text/csv"}, timeout=120
    )
    assert answer.data["accepted"] == count, answer.body[:500]

    began = time.time()
    assert tenant.api.post(f"{path}/start").status == 202
    said = _say_stop(world, tenant)
    until(lambda: OptOut.objects.filter(organization=tenant.organization).count() == len(said))
    until(lambda: tenant.api.get(path).data["status"] == "completed")
    until(lambda: tenant.unfinished() == 0)
    lasted = time.time() - began

    rows = _rows(tenant)
    assert rows.keys() == said.keys()
    # The carrier takes a while to tell thousands of submits.
    until(lambda: _confirmed(world.submits(tenant)) == dict.fromkeys(rows, 1), interval=1.0)
    times = _times(world.submits(tenant))
    assert max(map(len, times.values())) == 1
    missed = {tenant.number(n) for n in range(count)} - times.keys()
    assert missed <= rows.keys()
    found = tenant.api.get(path).data
    assert found["opted_out"] == len(missed), found
    late = {number: times[number][0] - at for number, at in rows.items() if number in times}
    _print(lasted, said, rows, late, len(missed))
    assert sum(1 for each in late.values() if each > GRACE) == 0
    _comes_back(world, tenant, min(rows))


def _say_stop(world: World, tenant: Tenant) -> dict[str, float]:
    """Numbers of the campaign write STOP, spread over its course; when each did."""
    said: dict[str, float] = {}
    until(lambda: tenant.submits() > 0)
    lasts = sizes.CAMPAIGN / sizes.CAMPAIGN_PACE
    begin = time.monotonic()
    for place in range(sizes.STOPS):
        time.sleep(max(0.0, begin + place * 0.7 * lasts / sizes.STOPS - time.monotonic()))
        ahead = int(AHEAD[place % len(AHEAD)] * sizes.CAMPAIGN_PACE)
        n = min(tenant.submits() + ahead, sizes.CAMPAIGN - 1)
        while tenant.number(n) in said:
            n -= 1
        said[tenant.number(n)] = time.time()
        world.text(tenant, tenant.number(n), "STOP", by=n % len(tenant.accounts))
    return said


def _comes_back(world: World, tenant: Tenant, number: str) -> None:
    """Nothing goes to a number on the list; after START the next message does."""
    body = {"to": number, "body": "Welcome back", "from": "ACME"}
    refused = tenant.api.post("/v1/messages/sms", body)
    assert (refused.status, refused.code) == (422, "OPTED_OUT")
    world.text(tenant, number, "START")
    until(lambda: number not in _rows(tenant))
    assert tenant.api.post("/v1/messages/sms", body).status == 202
    until(lambda: "Welcome back" in [each["text"] for each in world.submits(tenant, last=9)])


def platform(world: World) -> None:
    tenant = world.tenant("FR")
    receive(tenant, "FR")
    latest = []
    with _bound(world, tenant) as bound:
        for n in range(sizes.PLATFORM_STOPS):
            number = PHONE.format(n)
            until(lambda number=number: _submit(bound, number) == TAKEN, patience=PATIENCE)
            taken = _submit_until_refused(world, tenant, bound, number)
            latest.append(taken[-1] - _rows(tenant)[number])
            world.text(tenant, number, "START")
            until(lambda number=number: _submit(bound, number) == TAKEN, patience=PATIENCE)
    print(f"\n\n{len(latest)} STOPs beside a platform that goes on submitting to the number")
    print("  last submit that was taken, seconds after the STOP's row: ", end="")
    print(f"median {median(latest):.2f}, latest {max(latest):.2f} (at most {GRACE:g})", flush=True)
    assert max(latest) <= GRACE


def _submit_until_refused(
    world: World, tenant: Tenant, bound: SmppPlatform, number: str
) -> list[float]:
    """When each submit was taken."""
    writes = threading.Timer(0.3, world.text, (tenant, number, "STOP"))
    writes.start()
    taken, end = [time.time()], time.monotonic() + PATIENCE
    while time.monotonic() < end:
        began, said = time.time(), _submit(bound, number)
        if said != TAKEN:
            writes.join()
            assert said == OPTED_OUT
            return taken
        taken.append(began)
        time.sleep(LOOK)
    raise AssertionError(f"not refused within {PATIENCE:g} s")


def _submit(bound: SmppPlatform, number: str) -> tuple[int, bytes | None]:
    """Status of the answer, and its text."""
    to = number.removeprefix("+")
    answer = bound.submit(destination_addr=to, source_addr=CODES[0], receipts=0)
    return answer.status, answer.tlv(STATUS_TEXT)


def _bound(world: World, tenant: Tenant) -> SmppPlatform:
    api = tenant.api
    assert api.patch(ACCESS, {"enabled": True}).status == 200
    password = api.get(f"{ACCESS}/reveal").data["password"]
    assert poll(lambda: api.get(ACCESS).data["sync"]["state"] == "synced", timeout=PATIENCE)
    made = SmppPlatform(world.jasmin, api.get(ACCESS).data["system_id"], password)
    assert made.bound.status == 0
    made.patience(PATIENCE)
    return made


def _rows(tenant: Tenant) -> dict[str, float]:
    """When each number's row was made, Unix seconds."""
    rows = OptOut.objects.filter(organization=tenant.organization)
    return {each.number: each.created_at.timestamp() for each in rows}


def _ours(submits: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Number, submit, and whether it is the campaign's."""
    for each in submits:
        number = "+" + each["destination_addr"].removeprefix("+")
        yield number, each, each["text"].startswith("Your code is ")


def _times(submits: list[dict[str, Any]]) -> dict[str, list[float]]:
    """When the campaign's messages came, by number."""
    times: dict[str, list[float]] = {}
    for number, each, is_campaign in _ours(submits):
        if is_campaign:
            times.setdefault(number, []).append(datetime.fromisoformat(each["at"]).timestamp())
    return times


def _confirmed(submits: list[dict[str, Any]]) -> Counter[str]:
    return Counter(number for number, _, is_campaign in _ours(submits) if not is_campaign)


def _print(
    lasted: float,
    said: dict[str, float],
    rows: dict[str, float],
    late: dict[str, float],
    missed: int,
) -> None:
    made = [rows[number] - at for number, at in said.items()]
    after = [each for each in late.values() if each > 0]
    print(f"\n\nA campaign of {sizes.CAMPAIGN} at {sizes.CAMPAIGN_PACE}/s", end="")
    print(f" ({sizes.CAMPAIGN / lasted:.0f}/s) with {len(said)} STOPs in its course")
    print("  from the phone's STOP to its row, seconds: ", end="")
    print(f"median {median(made):.2f}, longest {max(made):.2f}")
    print(f"  not sent to: {missed}; sent to before the row: {len(late) - len(after)}; ", end="")
    print(f"after it: {len(after)}, latest {max(after, default=0.0):.2f} s (at most {GRACE:g})")
    print(f"  later than that: {sum(1 for each in after if each > GRACE)}", flush=True)
