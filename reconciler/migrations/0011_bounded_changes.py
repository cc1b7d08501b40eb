from django.db import migrations, models
from django.db.models import F, Func


def count(apps, schema_editor):
    """Rows of before keep all their changes; how many of them dropped a bind is not looked up."""
    name = "jsonb_array_length" if schema_editor.connection.vendor == "postgresql" else "json_array_length"
    length = Func(F("changes"), function=name, output_field=models.IntegerField())
    apps.get_model("reconciler", "Run").objects.update(change_count=length)


class Migration(migrations.Migration):
    dependencies = [("reconciler", "0010_connector_record")]

    operations = [
        migrations.AddField(
            "run", "change_count", models.PositiveIntegerField(default=0)
        ),
        migrations.AddField("run", "drop_count", models.PositiveIntegerField(default=0)),
        migrations.RunPython(count, migrations.RunPython.noop),
        migrations.AddIndex(
            "run",
            models.Index(
                "gateway", condition=models.Q(state="running"), name="reconciler_run_running"
            ),
        ),
    ]
