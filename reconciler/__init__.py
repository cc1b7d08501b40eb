"""Makes each Jasmin gateway what the organisations on it want, and keeps it so.

A pass, step by step:

1. `runs` starts it, for `tasks` (beat, pushes, operators) and `management/commands/reconcile`;
2. `loop` is the whole of it, under the `lock` of the gateway;
3. `desired` reads the database, of one moment (`snapshot`), into a `state`;
4. `actual` reads Jasmin's console into another `state`;
5. `diff` compares them, `plan` orders the changes, `safety` refuses what looks like a mistake;
6. `executor` types them, connectors over parallel `connector_sessions`, and persists;
7. `status` writes down the run and what became of each credential, access and gateway; `result`
   is the answer, `pass_results` keeps it for the page that waits;
8. `bind_diagnosis` asks the carriers why binds are down, and sets when to ask again;
   workers hand that on in `diagnosis_rounds`, and `budgets` bounds what one organisation asks for.

Packages:

- `jasmin`: credentials and carriers in Jasmin's terms; what this Jasmin can do.
- `jcli`: Jasmin's console.
- `gateway_client`: opens the console, asks for readiness, submits messages, reads the log.
- `fleet`: gateways that are drained, upgraded, evacuated, balanced.
- `receiver`: what gateways say of messages, by log or by callback.
- `launcher`: the gateway's own process, which adds our SMPP lane to Jasmin; `gateway_api` is what
  both sides spell alike.

Between passes `gateway_probe` looks whether gateways take messages. `gateway_adapter` implements
`messaging.gateway`, the only thing that `messaging` knows of all this. The pure middle (`state`,
`diff`, `plan`, `jasmin`, `jcli` but its console) knows nothing of Django.
"""
