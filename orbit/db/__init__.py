"""What the project adds to Django's database layer: fields, queries, connections, migrations."""
