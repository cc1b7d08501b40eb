"""Each filter of the audit has an index."""

from django.db import migrations, models

from orbit.db.index_operations import AddIndex, drop_like_indexes

INDEXES = [
    models.Index(fields=["action", "organization_id", "id"], name="audit_by_action"),
    models.Index(fields=["target", "organization_id", "id"], name="audit_by_target"),
    models.Index(fields=["actor_id", "organization_id", "id"], name="audit_by_actor"),
    models.Index(fields=["actor_name", "organization_id", "id"], name="audit_by_actor_name"),
    models.Index(fields=["actor_type", "id"], name="audit_by_actor_type"),
    models.Index(fields=["id"], condition=~models.Q(outcome="ok"), name="audit_refused"),
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0003_organisation_in_words")]

    operations = [
        drop_like_indexes("accounts_auditevent"),
        *(AddIndex(model_name="auditevent", index=index) for index in INDEXES),
    ]
