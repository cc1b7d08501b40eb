"""Filters of texts of phones, opt-outs and stray receipts each have an index."""

from django.db import migrations, models

from orbit.db.index_operations import AddIndex
from orbit.db.sealed_fields import NumberKey

INBOUND = [
    models.Index(
        condition=models.Q(("complete", False)), fields=["id"], name="inbound_in_part"
    ),
    models.Index(
        condition=models.Q(("number__isnull", True)), fields=["id"], name="inbound_without_number"
    ),
    models.Index(
        condition=models.Q(("answer_id", ""), _negated=True),
        fields=["id"],
        name="inbound_with_an_answer",
    ),
    models.Index(
        condition=models.Q(("answer_error", ""), _negated=True),
        fields=["id"],
        name="inbound_answer_failed",
    ),
]
OPT_OUTS = [
    models.Index(fields=["source", "organization", "id"], name="opt_out_by_source"),
    models.Index(fields=["organization", "scope", "id"], name="opt_out_by_scope"),
    models.Index(NumberKey("number"), models.F("id"), name="opt_out_by_number"),
]
LISTED = models.Index(
    condition=models.Q(("kind", "early"), _negated=True), fields=["id"], name="stray_listed"
)
NEAR = models.Index(fields=["organization", "message_id"], name="near_miss_by_organization")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0028_several_binds")]

    operations = [
        *(AddIndex(model_name="inboundmessage", index=index) for index in INBOUND),
        *(AddIndex(model_name="optout", index=index) for index in OPT_OUTS),
        AddIndex(model_name="nearmiss", index=NEAR),
        AddIndex(model_name="strayreceipt", index=LISTED),
    ]
