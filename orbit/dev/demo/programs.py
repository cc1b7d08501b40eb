"""The commands that start our own processes, as in the Procfile."""

from __future__ import annotations

import sys

WEB_WORKERS, WEB_THREADS, TASKS_AT_ONCE = 2, 8, 4

Argv = list[str]


def manage(*arguments: str) -> Argv:
    return [sys.executable, "manage.py", *arguments]


def web(port: int) -> Argv:
    return [
        sys.executable, "-m", "gunicorn", "orbit.wsgi",
        "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS),
        "--preload", "--no-control-socket", "--forwarded-allow-ips=", "--graceful-timeout", "1",
    ]  # fmt: skip


def worker() -> Argv:
    return [
        sys.executable, "-m", "celery", "-A", "orbit", "worker", "-c", str(TASKS_AT_ONCE),
        "--loglevel", "INFO",
        # There is one worker: no other to gossip with.
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip


def receiver() -> Argv:
    return manage("receive")


def beat() -> Argv:
    return [sys.executable, "-m", "celery", "-A", "orbit", "beat", "--loglevel", "INFO"]
