from django.db import migrations, models

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
    dependencies = [("messaging", "0036_notices")]

    operations = [
        migrations.AlterField("notice", "kind", models.CharField(choices=_KINDS, max_length=16)),
        migrations.AlterField(
            "noticesilence",
            "kind",
            models.CharField(blank=True, choices=_KINDS, default="", max_length=16),
        ),
    ]
