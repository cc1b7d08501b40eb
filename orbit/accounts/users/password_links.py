"""Links with which a person sets a password: Django's tokens, good once and for three days.

A token stands for the password and the last login as they are: either changes, and it is dead.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from orbit.accounts.models import User

_TEXT = """You have an account at {site}.

Set your password here, once, within {days} days:

{link}

Then sign in with {email}. If you expected no such mail, leave it alone: nothing changes.
"""


def make(user: User) -> str:
    """The link is a secret: it opens the account."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("password", args=[uid, default_token_generator.make_token(user)])
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def is_mail_set_up() -> bool:
    return not settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend")


def mail(user: User, link: str) -> str:
    """Send the link; "" if it was sent, else why not."""
    if not is_mail_set_up():
        return "no mail is set up (EMAIL_URL)"
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
    text = _TEXT.format(site=settings.SITE_URL, days=days, link=link, email=user.email)
    try:
        send_mail("Set your password", text, None, [user.email])
    except OSError as error:  # what smtplib and sockets raise
        return f"{type(error).__name__}: {error}"
    return ""
