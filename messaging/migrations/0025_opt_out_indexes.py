"""Nobody looks ids up by their beginning."""

from django.db import migrations

from orbit.db.index_operations import drop_like_indexes


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0024_opt_outs")]

    operations = [
        drop_like_indexes(
            "messaging_confirmation",
            "messaging_nearmiss",
            "messaging_optout",
            "messaging_optoutsettings",
        ),
    ]
