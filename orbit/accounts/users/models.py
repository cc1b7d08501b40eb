from __future__ import annotations

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower


class UserManager(BaseUserManager):
    """Finds users by their e-mail address, upper or lower case.

    By the lower case alone, as the constraint has it: in upper case `bo\u017fs` is `boss`, too.
    """

    def find(self, email: str) -> User | None:
        return self._of(email).first()

    def get_by_natural_key(self, email: str) -> User:
        return self._of(email).get()

    def _of(self, email: str) -> models.QuerySet[User]:
        return self.alias(lower_email=Lower("email")).filter(lower_email=Lower(Value(email)))

    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person: a member of organisations, an operator (`is_staff`), or both."""

    username = None
    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_in_any_case")]
