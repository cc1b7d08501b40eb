from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from orbit.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_an_address_is_one_account_in_any_case():
    make_user("ada@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user("ADA@example.com")


def test_a_user_is_found_by_address_in_any_case():
    user = make_user("ada@example.com")
    assert User.objects.get_by_natural_key("Ada@Example.com") == user
