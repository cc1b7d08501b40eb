"""Certificates of carriers are checked from now on, but for credentials that are older than that.

Those with `tls` keep `tls_verify: none`: a carrier with a certificate that does not stand the check
must not lose its bind by an update. Their organisations turn the check on when they are ready.
"""

import orbit.db.fields
from django.db import migrations, models


def keep_unchecked(apps, schema_editor):
    apps.get_model("messaging", "Credential").objects.filter(tls=True).update(tls_verify="none")


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0011_access_traffic'),
    ]

    operations = [
        migrations.AddField(
            model_name='credential',
            name='tls_ca',
            field=models.TextField(default=None, null=True),
        ),
        migrations.AddField(
            model_name='credential',
            name='tls_certificate',
            field=models.TextField(default=None, null=True),
        ),
        migrations.AddField(
            model_name='credential',
            name='tls_key',
            field=orbit.db.fields.EncryptedTextField(default=None, null=True),
        ),
        migrations.AddField(
            model_name='credential',
            name='tls_server_name',
            field=models.CharField(default=None, max_length=253, null=True),
        ),
        migrations.AddField(
            model_name='credential',
            name='tls_verify',
            field=models.CharField(choices=[('full', 'Full'), ('none', 'None')], default='full', max_length=4),
        ),
        migrations.AddField(
            model_name='credential',
            name='tlvs',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='credentialstatus',
            name='tls_verified',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='message',
            name='tlvs',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='carriertest',
            name='tls_verified',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='message',
            name='encoding',
            field=models.CharField(max_length=6),
        ),
        migrations.AlterField(
            model_name='carriertest',
            name='encoding',
            field=models.CharField(blank=True, default='', max_length=6),
        ),
        migrations.RunPython(keep_unchecked, migrations.RunPython.noop),
    ]
