"""The environment of our own processes: the settings of production, for loopback."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from orbit.dev.stack.files import PATH, Passwords, make_folder

ADMIN = "operator@example.com"


def make_environment(root: Path, *, servers: Mapping[str, str]) -> dict[str, str]:
    """All variables. `servers`: DATABASE_URL, REDIS_URL and DLR_BASE_URL.

    The keys are made once and kept in `root`/secrets.json, mode 0600.
    """
    keys = Passwords(root / "secrets.json")
    state = make_folder(root / "state")
    make_folder(state / "static")
    return {
        "PATH": f"{Path(sys.executable).parent}:{PATH}",
        "HOME": str(root),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "orbit.settings",
        **servers,
        "SITE_URL": servers.get("DLR_BASE_URL", ""),  # links to set a password lead here
        "SECRET_KEY": keys["SECRET_KEY"],
        "FERNET_KEYS": keys["FERNET_KEYS"],
        "AUDIT_KEY": keys["AUDIT_KEY"],
        "METRICS_TOKEN": keys["METRICS_TOKEN"],
        "STATE_DIR": str(state),
        "DEBUG": "false",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "ALLOW_HTTP": "true",
        "SMPP_ALLOWED_NETWORKS": "127.0.0.0/8",
        # Webhooks may go to the demo's own inbox.
        "WEBHOOK_ALLOW_HTTP": "true",
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        # The story polls the API, to measure how soon things happen.
        "API_RATE_LIMIT": "6000/60",
        # No `collectstatic`: a second start takes seconds.
        "STATIC_FROM_APPS": "true",
    }


def admin_password(root: Path) -> str:
    return Passwords(root / "secrets.json")["admin"]
