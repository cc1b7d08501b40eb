"""How a person or a script reaches the site while it is up: `.local/demo.json`, `demo.env`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orbit.dev.demo.environment import ADMIN
from orbit.dev.demo.site import Site
from orbit.dev.stack.files import write_private

# What a shell has of its own already.
OF_THE_SHELL = {"HOME", "LANG", "PATH"}


def collect(site: Site, *, api_key: str, organization_id: str) -> dict[str, Any]:
    """What is written; it holds every password there is."""
    return {
        "base_url": site.base_url,
        "api_key": api_key,
        "organization_id": organization_id,
        "admin": {
            "url": f"{site.url}/admin/",
            "username": ADMIN,
            "password": site.admin_password,
        },
        "webhooks": {"url": site.inbox.url},
        "gateways": [
            {
                "name": gateway.name,
                "jcli": {
                    "host": gateway.jcli_host,
                    "port": gateway.jcli_port,
                    "username": gateway.jcli_username,
                    "password": gateway.jcli_password,
                },
                "http": gateway.http_url,
            }
            for gateway in site.gateways.values()
        ],
        "carriers": [
            {
                "name": carrier.name,
                "host": carrier.host,
                "port": carrier.port,
                "system_id": carrier.spare.system_id,
                "password": carrier.spare.password,
            }
            for carrier in site.carriers.values()
        ],
    }


def write(path: Path, facts: dict[str, Any]) -> None:
    """In whole or not at all, mode 0600."""
    write_private(path, json.dumps(facts, indent=2) + "\n")


def write_environment(path: Path, environment: Mapping[str, str]) -> None:
    """For `. .local/demo.env`: then `manage.py` works on the site of the demo. Mode 0600."""
    lines = [
        f"export {name}={shlex.quote(value)}\n"
        for name, value in sorted(environment.items())
        if name not in OF_THE_SHELL
    ]
    write_private(path, "".join(lines))
