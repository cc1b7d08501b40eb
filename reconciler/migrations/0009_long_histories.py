"""Changes of binds are found by their state; by credential one index is enough."""

import django.db.models.deletion
from django.db import migrations, models

from orbit.db.index_operations import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("messaging", "0013_reports"),
        ("reconciler", "0008_logs"),
    ]

    operations = [
        AddIndex(
            model_name="bindchange",
            index=models.Index(fields=["state", "id"], name="bind_change_by_state"),
        ),
        migrations.AlterField(
            model_name="bindchange",
            name="credential",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="bind_changes",
                to="messaging.credential",
            ),
        ),
    ]
