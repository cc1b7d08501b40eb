from __future__ import annotations

from django.db import migrations

from orbit.accounts.audit.append_only_triggers import arm, disarm


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(arm, disarm)]
