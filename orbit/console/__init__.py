"""The operators' console: the admin's pages that put several nouns together.

- `home`, sign-in (`signing_in`) and `navigation` frame Django's admin in django-unfold's look;
  `urls` has the addresses that are no list of the admin's;
- `rights` are the three roles, and the one place where an action is allowed and audited;
- one file a page: `credentials` (list and page), `credential_actions` (its buttons), `carriers`,
  `carrier_tests`, `destinations`, `rates`, `reconciling`, `passes`, `runs`, `gateways`, `chains`;
- pages refresh themselves by fragments (templates/console/fragments) that htmx fetches.

What is only listed and shown stays with its noun, in an `admin.py`. Nothing here speaks to a
gateway: passes are Celery tasks, and pages look at what became of them (`reconciler.tickets`).
"""
