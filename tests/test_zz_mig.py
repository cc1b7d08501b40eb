import pytest
@pytest.mark.django_db
def test_none_missing():
    from django.core.management import call_command
    call_command("makemigrations", "--check", "--dry-run", verbosity=3)
