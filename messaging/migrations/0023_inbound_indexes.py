"""Parts of texts are found by what they have in common, and by when they are looked at again."""

from django.db import migrations, models

from orbit.db.index_operations import AddIndex, drop_like_indexes


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0022_inbound_messages")]

    operations = [
        AddIndex(
            model_name='inboundpdu',
            index=models.Index(condition=models.Q(('message__isnull', False)), fields=['message'], name='inbound_pdus_of_message'),
        ),
        AddIndex(
            model_name='inboundpdu',
            index=models.Index(condition=models.Q(('of__gt', 1)), fields=['join_key'], name='inbound_parts_of_text'),
        ),
        AddIndex(
            model_name='inboundpdu',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='inbound_part_waits'),
        ),
        drop_like_indexes("messaging_inboundmessage", "messaging_ownnumber"),
    ]
