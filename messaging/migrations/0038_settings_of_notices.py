import functools

import django.db.models.deletion
from django.db import migrations, models

import orbit.ids

_KINDS = [
    (each, each)
    for each in (
        "bind",
        "delivery",
        "queue",
        "certificate",
        "gateway",
        "disk",
        "log",
        "inbound",
        "webhook",
        "throttled",
        "slow",
        "key",
        "database",
    )
]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0037_more_kinds_of_notices")]

    operations = [
        migrations.AddField(
            "noticerecipient", "kinds", models.JSONField(blank=True, default=list)
        ),
        migrations.AddField("noticerecipient", "after", models.PositiveIntegerField(default=0)),
        # The ids of silences were numbers: none was released.
        migrations.DeleteModel("NoticeSilence"),
        migrations.CreateModel(
            name="NoticeSilence",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=functools.partial(orbit.ids.new_id, "nsl"),
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(blank=True, choices=_KINDS, default="", max_length=16),
                ),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField(db_index=True)),
                ("why", models.CharField(blank=True, default="", max_length=200)),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={"ordering": ["-pk"]},
        ),
    ]
