"""Makes each Jasmin gateway what the organisations on it want, and keeps it so.

The story of a pass, in the order in which it happens:

1. `rounds` starts it, for whoever asks (`tasks`, `management/commands/reconcile`, `views`);
2. `loop` tells it whole, under the `lock` of the gateway;
3. `desired` reads the database, and says it in Jasmin's `words`;
4. `actual` reads the console (`gateways` reaches it, `jcli` speaks it); both are a `state`;
5. `diff` compares them, `plan` orders the changes and refuses what looks like a mistake;
6. `executor` types them (connectors with a `crew` of parallel sessions), persists;
7. `history` writes down the run, `statuses` what became of each credential; `report` is the
   answer;
8. `diagnosis` asks the carriers why binds are down, and leaves them alone for a while.

`routing` compiles carriers into routes, `orders` gives them their places. `port` is what
`messaging` knows of all this: it asks for a pass after a commit, and submits a message through
one bind (`submits`; `dlr` is the door at which its receipts come back). `messaging` knows
nothing of all this; the pure middle (`state`, `diff`, `plan`, `words`, `jcli` but its console)
knows nothing of Django.
"""
