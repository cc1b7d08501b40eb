from django.db import migrations, models
from django.db.models import F


def begin_where_gateway_versions_are(apps, schema_editor):
    """Binds that are held back were so under the gateway_version: they stay held."""
    credentials = apps.get_model("messaging", "Credential")
    credentials.objects.update(bind_version=F("gateway_version"))


class Migration(migrations.Migration):
    dependencies = [("messaging", "0017_bind_attempts")]

    operations = [
        migrations.AddField(
            model_name="credential",
            name="bind_version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.RunPython(begin_where_gateway_versions_are, migrations.RunPython.noop),
    ]
