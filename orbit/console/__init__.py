"""The operators' console: the admin's pages that put several nouns together.

- `home`, sign-in (`signing_in`) and `navigation` frame Django's admin in django-unfold's look;
  `urls` has the addresses that are no list of the admin's;
- `rights` are the three roles, and the one place where an action is allowed and audited;
- `home` is made of parts: another one is an entry of its `PARTS` and a template; `bind_day` and
  `pass_day` are its charts, which `charts` turns into SVG;
- one file a page: `credentials` (list and page), `credential_actions` (its buttons),
  `bind_history`, `carriers`, `carrier_tests`, `pools`, `destinations`, `rates`, `accesses`,
  `access_actions`, `placing`, `reconciling`, `passes`, `runs`, `gateways`, `chains`;
- `forms` and its likes are judged by the API's serializers and saved by its services;
- pages refresh themselves by fragments (templates/console/fragments) that htmx fetches.

What is only listed and shown stays with its noun, in an `admin.py`. Nothing here speaks to a
gateway: passes are Celery tasks, and pages look at what became of them (`reconciler.pass_results`).
"""
