"""Messages that carriers have and that have not ended are counted as sent, as they would have been
since: their ends take them off there."""

from decimal import Decimal

from django.db import migrations
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce, TruncMinute


def count_sent(apps, schema_editor):
    messages = apps.get_model("messaging", "Message").objects.filter(status="sent")
    record = apps.get_model("messaging", "UsageRecord")
    rows = (
        messages.order_by()
        .annotate(minute=TruncMinute("sent_at"))
        .values_list(
            "minute",
            "organization_id",
            "credential_id",
            "carrier_id",
            "country",
            "sender",
            "price_currency",
        )
        .annotate(
            of_messages=Count("pk"),
            of_segments=Sum("segments"),
            of_amount=Coalesce(Sum("price_amount"), Decimal(0)),
        )
    )
    record.objects.bulk_create(
        (_record(record, *row) for row in rows.iterator()), batch_size=1000
    )


def _record(record, minute, organization_id, credential_id, carrier_id, country, sender, *sums):
    currency, messages, segments, amount = sums
    return record(
        minute=minute,
        organization_id=organization_id,
        credential_id=credential_id or "",
        carrier_id=carrier_id or "",
        country=country,
        sender_type=_type(sender),
        status="sent",
        outcome="waiting" if carrier_id else "",
        currency=currency,
        messages=messages,
        segments=segments,
        amount=amount,
    )


def _type(sender):
    if not sender:
        return ""
    if sender.startswith("+"):
        return "long_code"
    return "short_code" if sender.isdecimal() else "alphanumeric"


class Migration(migrations.Migration):

    dependencies = [("messaging", "0031_usage_and_quality")]

    operations = [migrations.RunPython(count_sent, migrations.RunPython.noop)]
