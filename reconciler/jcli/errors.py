"""Errors of the console. Their texts are shown to people and carry no secret."""

from __future__ import annotations


class JcliError(Exception):
    """The console has not done what was asked; base of all its errors."""


class Unavailable(JcliError):
    """No console there, or it stopped answering: the outcome of the last command is unknown."""


class Slow(Unavailable):
    """It did not answer in time: it may be busy."""


class LoginFailed(JcliError):
    """The console refused our username or password."""


class Garbled(JcliError):
    """The answer is not one of Jasmin's console: nothing may be concluded from it."""


class Vanished(Garbled):
    """An object was deleted between its list and its show: read both again."""


class Rejected(JcliError):
    """Jasmin read the command and said no; `str()` is what it said."""


class Untypable(JcliError):
    """A value that must not be typed into the console: it would mean something else there."""
