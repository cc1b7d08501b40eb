"""The operators' console: the admin's pages that put several nouns together.

- A page has a file of its name (`rates`, `route_explorer`), or a package where it takes several:
  `admin` (the list and the page, a ModelAdmin), `views` (its buttons and fragments), `forms`.
- `home` consists of cards: to add one, add an entry to `home.views.PARTS` and a template.
- `login`, `navigation` and `theme` frame Django's admin in django-unfold's look. `urls` lists the
  addresses that the admin does not make itself.
- `roles` are the three roles. `permissions` checks a right, audits a refusal, and runs a service.
- `forms`: the API's serializers validate them, the nouns' services save them.
- `long_lists`: lists of tables with millions of rows. `colours`: the colour of each state.
- Pages refresh themselves by fragments (templates/console/fragments), which htmx fetches.

A noun that needs only a plain list has it in its own package, in an `admin.py`. Nothing here talks
to a gateway: passes are Celery tasks, and pages read their results (`reconciler.pass_results`).
"""
