"""A session that has proved its second factor."""

from __future__ import annotations

import django_otp
from django.http import HttpRequest
from django_otp.models import Device

from orbit.accounts.sessions import login_limits
from orbit.api.client_ip import client_address


def proved(request: HttpRequest, device: Device) -> None:
    """Mark the session as proved, and remember its address: not earlier, since the password alone
    may be a thief's."""
    django_otp.login(request, device)
    login_limits.remember(request.user, client_address(request))
