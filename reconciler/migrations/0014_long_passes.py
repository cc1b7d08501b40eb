"""Passes are found by their state, by what started them and by their organisation."""

from django.db import migrations, models

from orbit.db.index_operations import AddIndex, drop_like_indexes

INDEXES = [
    models.Index(fields=["state", "id"], name="run_of_a_state"),
    models.Index(fields=["trigger", "id"], name="run_of_a_trigger"),
    models.Index(
        condition=models.Q(("organization_id", ""), _negated=True),
        fields=["organization_id", "id"],
        name="run_of_organization",
    ),
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("reconciler", "0012_modes")]

    operations = [
        drop_like_indexes("reconciler_run"),
        *(AddIndex(model_name="run", index=index) for index in INDEXES),
    ]
