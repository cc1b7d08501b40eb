"""Who there is: a person for the admin, their organisation, its first API key."""

from __future__ import annotations

import json

from orbit.dev.demo.checks import check
from orbit.dev.demo.environment import ADMIN
from orbit.dev.demo.scene import Scene
from orbit.dev.demo.screen import BLANK, mask_key

NAME = "Acme Messaging"


def make(scene: Scene) -> str:
    site, screen = scene.site, scene.screen
    screen.command(f"DJANGO_SUPERUSER_PASSWORD={BLANK} python manage.py createsuperuser --noinput")
    output = site.manage(
        "createsuperuser", "--noinput", "--email", ADMIN,
        secrets={"DJANGO_SUPERUSER_PASSWORD": site.admin_password},
    )  # fmt: skip
    screen.output(output)
    screen.command(f'python manage.py create_organization "{NAME}" --email {ADMIN}')
    output = site.manage("create_organization", NAME, "--email", ADMIN, "--json")
    made = json.loads(output.text)
    scene.organization_id, scene.api_key = made["organization_id"], made["api_key"]
    screen.say(f"  organization_id  {scene.organization_id}")
    screen.say(f"  api_key          {mask_key(scene.api_key)}  (shown once; whole in demo.json)")
    answer = scene.send("GET", "/me", expect=200)
    organization = answer.data["organization"]
    screen.answer(answer, {"organization": organization})
    check(organization["id"] == scene.organization_id, "the key belongs to somebody else")
    return f"{NAME}, one key with every scope"
