"""A campaign says how many of its people had opted out; and nobody looks ids up by their beginning."""

from django.db import migrations, models

from orbit.db.index_operations import AddIndex, drop_like_indexes


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0024_opt_outs")]

    operations = [
        AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("campaign__isnull", False), ("error_code", "OPTED_OUT")),
                fields=["campaign"],
                name="message_opted_out",
            ),
        ),
        drop_like_indexes(
            "messaging_confirmation",
            "messaging_nearmiss",
            "messaging_optout",
            "messaging_optoutsettings",
        ),
    ]
