"""The story of `make demo FLEET=3`: several gateways, one upgraded, one lost."""

from __future__ import annotations

from orbit.dev.demo.steps import health, organization
from orbit.dev.demo.steps.fleet import account, evacuation, placement, upgrade
from orbit.dev.demo.story import Step

GATEWAYS = ("main", "second", "third", "fourth", "fifth")  # names, as many as are asked for
FEWEST = 3

FLEET_STORY = (
    Step("An organisation and its API key", organization.make, ("web",)),
    Step("Organisations are placed on gateways", placement.place, ("worker", "jasmin-second")),
    Step("A gateway is upgraded", upgrade.upgrade, ("worker", "jasmin-second")),
    Step("A gateway is lost", evacuation.evacuate, ("worker", "receiver", "jasmin-third")),
    Step("It comes back", evacuation.come_back, ("worker", "receiver", "jasmin-third")),
    Step("Where is each message?", account.add_up, ("worker", "receiver")),
    Step("Is all of it well?", health.is_good, ("web", "worker", "receiver", "beat")),
)
