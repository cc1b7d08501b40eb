"""Private servers for the demo and the tests: PostgreSQL, Redis and Jasmins.

    with Stack(Path(".local/demo")) as stack:
        stack.environ()             # DATABASE_URL and REDIS_URL for Django
        stack.gateways["main"]      # a Jasmin

All on loopback, on ports of their own, under one folder; all end with the process that started
them, even when that is killed. Nothing of Django is imported here.
"""

from __future__ import annotations

from orbit.dev.stack.errors import StackError
from orbit.dev.stack.jasmin import Jasmin
from orbit.dev.stack.stack import Stack

__all__ = ["Jasmin", "Stack", "StackError"]
