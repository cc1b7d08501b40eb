"""What can go wrong with the private servers."""

from __future__ import annotations


class StackError(Exception):
    """A server can't be started, stopped or reached; the text is one line for people."""
