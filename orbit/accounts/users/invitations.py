"""The mail to somebody who has become a member of an organisation."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail

from orbit.accounts.models import User
from orbit.accounts.users import password_links

logger = logging.getLogger(__name__)

_TEXT = """You are a member of {organization} at {site} now.

Sign in with {email}, as before. If you expected no such mail, ask {organization}.
"""


def mail(user: User, organization: str) -> None:
    """Tell them; a new person gets a link to set a password. The log says why it was not sent."""
    if not user.has_usable_password():
        why = password_links.mail(user, password_links.make(user))
    elif password_links.is_mail_set_up():
        why = _tell(user, organization)
    else:
        why = "no mail is set up (EMAIL_URL)"
    if why:
        logger.warning("the invitation of user %s was not mailed: %s", user.pk, why)


def _tell(user: User, organization: str) -> str:
    text = _TEXT.format(organization=organization, site=settings.SITE_URL, email=user.email)
    try:
        send_mail("You are a member of an organisation", text, None, [user.email])
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    return ""
