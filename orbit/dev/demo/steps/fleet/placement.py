"""Step: each new organisation is placed on the gateway that has least to do."""

from __future__ import annotations

import json
from collections.abc import Sequence

from orbit.dev.demo.api import CREDENTIALS, Api
from orbit.dev.demo.checks import check, wait_for
from orbit.dev.demo.environment import ADMIN
from orbit.dev.demo.scene import Scene, is_bound
from orbit.dev.demo.simulated_carriers import Carrier
from orbit.dev.demo.steps.organization import NAME
from orbit.dev.demo.steps.routing import CARRIERS
from orbit.dev.demo.tenants import Tenant, Traffic

OTHERS = ("Bolt Couriers", "Cliff Tickets", "Dune Travel", "Ember Bank")


def place(scene: Scene) -> str:
    screen, site = scene.screen, scene.site
    names = (NAME, *OTHERS)[: len(site.gateways)]
    carriers = list(site.carriers.values())
    for number, name in enumerate(names):
        organization_id, key = _organization(scene, name)
        carrier = carriers[number % len(carriers)]
        tenant = _connect(scene, name, organization_id, key, carrier)
        tenant.gateway = new_home(site.manage("gateways", "list").text, scene.tenants)
        scene.tenants.append(tenant)
    scene.manage("gateways", "list", expect=(0,))
    screen.done(f"{len(names)} organisations, each on a gateway of its own")
    scene.traffic = Traffic(scene.tenants)
    for tenant in scene.tenants:
        wait_for(tenant.texts, bool, f"a message of {tenant.name} at its carrier")
    screen.say(
        f"From now on each sends a message every {Traffic.PAUSE_BETWEEN} s, until the last step."
    )
    return f"{len(names)} organisations on {len(site.gateways)} gateways"


def new_home(listed: str, others: Sequence[Tenant]) -> str:
    """The gateway that has an organisation now, and none of `others`. `listed`: `gateways list`."""
    taken = {line.split()[0] for line in listed.splitlines() if "  1 organisation(s)  " in line}
    found = taken - {each.gateway for each in others}
    check(len(found) == 1, f"an organisation is not on a gateway of its own:\n{listed}")
    return found.pop()


def _organization(scene: Scene, name: str) -> tuple[str, str]:
    """Id and key; of the first, those that a step before has made."""
    if name == NAME:
        return scene.organization_id, scene.api_key
    scene.screen.command(f'python manage.py create_organization "{name}" --email {ADMIN}')
    output = scene.site.manage("create_organization", name, "--email", ADMIN, "--json")
    made = json.loads(output.text)
    return made["organization_id"], made["api_key"]


def _connect(scene: Scene, name: str, organization_id: str, key: str, carrier: Carrier) -> Tenant:
    """Give it a credential and a carrier, and wait for the bind."""
    screen, api = scene.screen, Api(scene.site.base_url, key)
    account = carrier.add_account(name.split()[0].lower())
    body = {
        "name": carrier.name,
        "host": carrier.host,
        "port": carrier.port,
        "system_id": account.system_id,
        "password": account.password,
    }
    screen.request("POST", f"/v1{CREDENTIALS}", body)
    answer = api.send("POST", CREDENTIALS, body)
    check(answer.status == 201, f"POST of a credential answers {answer.status}")
    made = answer.data["id"]
    screen.answer(answer, {"id": made})
    body = {"name": carrier.name, "credential_id": made, "countries": ["*"]}
    check(api.send("POST", CARRIERS, body).status == 201, "the carrier was not taken")
    screen.waiting(f"{name}'s bind …")
    wait_for(lambda: api.credential(made), is_bound, f"{name}'s bind")
    screen.waited()
    return Tenant(name, organization_id, api, carrier, account, made)
