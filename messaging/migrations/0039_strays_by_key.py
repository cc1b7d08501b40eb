from django.db import migrations, models


class Migration(migrations.Migration):
    """An operator searches by an id alone, without its account."""

    dependencies = [("messaging", "0038_settings_of_notices")]

    operations = [
        migrations.AddIndex(
            "straykey", models.Index(fields=["key", "account", "id"], name="stray_by_key")
        ),
        migrations.RemoveIndex("straykey", "stray_by_id"),
    ]
