"""Audit changes of people: created, changed, deleted, their passwords, rights and roles.

The rows before and after are compared, so that no way of writing them (a form of Django's admin, a
command of its) can leave out a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.members.selectors import audited_organizations
from orbit.accounts.models import User

CREATED, CHANGED, DELETED = "user.created", "user.changed", "user.deleted"
PASSWORD_SET = "user.password_set"  # noqa: S105 - an action of the audit


# Ids of people created by this thread inside `audited`; other threads may create some meanwhile.
_made: ContextVar[list[int] | None] = ContextVar("made", default=None)


@dataclass(frozen=True)
class _State:
    email: str
    password: str = field(repr=False)
    is_active: bool
    is_staff: bool
    is_superuser: bool
    groups: tuple[str, ...]

    @classmethod
    def of(cls, user: User) -> _State:
        groups = tuple(sorted(group.name for group in user.groups.all()))
        return cls(
            user.email, user.password, user.is_active, user.is_staff, user.is_superuser, groups
        )

    def rights(self) -> str:
        """The person's rights in words, for the detail of an audit row."""
        said = ["active" if self.is_active else "inactive"]
        said += ["operator"] if self.is_staff else []
        said += ["superuser"] if self.is_superuser else []
        return ", ".join([*said, *(f"role {name}" for name in self.groups)])


@contextmanager
def audited(by: Actor, user_id: Any = None) -> Iterator[None]:
    """Run the block in a transaction and audit what it changed of the person, and people it
    created."""
    with transaction.atomic():
        if user_id:
            list(User.objects.select_for_update().filter(pk=user_id))
        with _compared(by, user_id):
            yield


@contextmanager
def audited_command(by: Actor, user_id: Any = None) -> Iterator[None]:
    """As `audited`, for a command that waits for input: nothing is locked meanwhile, and the audit
    row follows in a transaction of its own."""
    with _compared(by, user_id):
        yield


@contextmanager
def _compared(by: Actor, user_id: Any) -> Iterator[None]:
    watched = User.objects.filter(pk=user_id) if user_id else User.objects.none()
    before = {user.pk: _State.of(user) for user in watched}
    made: list[int] = []
    token = _made.set(made)
    try:
        yield
    finally:
        _made.reset(token)
    touched = User.objects.filter(pk__in=[*before, *made])
    with transaction.atomic():
        for user in touched.prefetch_related("groups").order_by("pk"):
            _record(by, before.get(user.pk), _State.of(user))


@receiver(post_save, sender=User)
def _note(instance: User, created: bool, **kwargs: Any) -> None:
    made = _made.get()
    if created and made is not None:
        made.append(instance.pk)


def delete(by: Actor, users: Iterable[User]) -> None:
    """Delete people without memberships; in the caller's transaction."""
    for user in users:
        _write(by, DELETED, user.email, detail=_State.of(user).rights())
        user.delete()


def password_refused(by: Actor, email: str) -> None:
    """Audit a wrong old password of a signed-in person: somebody else may be at their browser."""
    with transaction.atomic():
        audit.record(
            by=by,
            organization=None,
            action=PASSWORD_SET,
            target=email,
            outcome="refused",
            detail="console",
        )


def _record(by: Actor, before: _State | None, after: _State) -> None:
    if before is None:
        _write(by, CREATED, after.email, changes=["email"], detail=after.rights())
        return
    changed = [
        field.name
        for field in fields(_State)
        if getattr(before, field.name) != getattr(after, field.name)
    ]
    rights = [name for name in changed if name != "password"]
    if rights:
        detail = f"{before.rights()} → {after.rights()}"
        _write(by, CHANGED, before.email, changes=rights, detail=detail)
    if "password" in changed:
        _write(by, PASSWORD_SET, after.email)
        for organization in audited_organizations(after.email, None):
            if organization is not None:
                _write(by, PASSWORD_SET, after.email, organization)


def _write(by: Actor, action: str, target: str, organization: Any = None, **more: Any) -> None:
    audit.record(by=by, organization=organization, action=action, target=target, **more)
