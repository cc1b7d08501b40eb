"""The environment that settings are read from: variables, the file `.env`, and `key_sources`."""

from __future__ import annotations

from pathlib import Path

from orbit.key_sources import Env

BASE_DIR = Path(__file__).resolve().parent.parent
Env.read_env(BASE_DIR / ".env")
env = Env()
