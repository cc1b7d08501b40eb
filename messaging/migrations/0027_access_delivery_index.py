"""What waits for a platform is found by its organisation, in the order in which it came."""

from django.db import migrations, models

from orbit.db.index_operations import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0026_access_deliveries")]

    operations = [
        AddIndex(
            model_name='inboundpdu',
            index=models.Index(condition=models.Q(('access_due_at__isnull', False)), fields=['organization', 'id'], name='inbound_for_platform'),
        ),
    ]
