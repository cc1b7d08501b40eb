"""The mail to somebody whom an organisation has invited."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail

from orbit.accounts.models import Organization, User
from orbit.accounts.users import password_links

logger = logging.getLogger(__name__)

_TEXT = """{organization} invites you to be a member at {site}.

Sign in with {email}, as before, and name its organization_id: {id}. If you expected no such mail,
leave it alone: nothing changes.
"""


def mail(user: User, organization: Organization) -> None:
    """Tell them; a new person gets a link to set a password. The log says why it was not sent."""
    if not user.has_usable_password():
        why = password_links.mail(user, password_links.make(user))
    elif password_links.is_mail_set_up():
        why = _tell(user, organization)
    else:
        why = "no mail is set up (EMAIL_URL)"
    if why:
        logger.warning("the invitation of user %s was not mailed: %s", user.pk, why)


def _tell(user: User, organization: Organization) -> str:
    text = _TEXT.format(
        organization=organization.name, id=organization.pk, site=settings.SITE_URL, email=user.email
    )
    try:
        send_mail("You are invited by an organisation", text, None, [user.email])
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    return ""
