"""The error of the private servers."""

from __future__ import annotations


class StackError(Exception):
    """A server can't be started, stopped or reached. The text is one line for people."""
