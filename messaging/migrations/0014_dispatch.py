from django.db import migrations, models

import messaging.messages.dispatch_groups
from messaging.messages.dispatch_groups import group_key_of

BATCH = 1000


def fill(apps, schema_editor):
    """Messages that wait get their groups; the others need none."""
    Message = apps.get_model('messaging', 'Message')
    messages = Message.objects.filter(status__in=('queued', 'sending'), group_key='')
    found = []
    for message in messages.iterator(chunk_size=BATCH):
        message.group_key = group_key_of(message)
        found.append(message)
        if len(found) == BATCH:
            Message.objects.bulk_update(found, ['group_key'])
            found = []
    Message.objects.bulk_update(found, ['group_key'])


def leave_room(apps, schema_editor):
    """Most new versions of a row that change no indexed column find room on its page, and no index
    changes with them: of the answers to submits two thirds, at 85 % a third."""
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute('ALTER TABLE messaging_message SET (fillfactor = 70)')


def take_room(apps, schema_editor):
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute('ALTER TABLE messaging_message RESET (fillfactor)')


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_organisation_in_words'),
        ('messaging', '0013_reports'),
    ]

    operations = [
        # A default in the database: the column costs no rewrite, and processes of the version
        # before may go on writing messages until they are started anew.
        migrations.AddField(
            model_name='message',
            name='group_key',
            field=messaging.messages.dispatch_groups.GroupKeyField(blank=True, db_default='', default='', editable=False, max_length=32),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(leave_room, take_room),
    ]
