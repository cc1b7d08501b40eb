"""Clients of one gateway: its console, Jasmin's HTTP API, its RabbitMQ, and our launcher's API.

- `gateway_console` opens its console; `readiness` asks whether it takes messages (`rabbitmq`: of
  a stock Jasmin); `password_probe` finds users with another password than ours.
- `trunks` finds the way in for the messages of a credential: `lane_trunk` through our launcher,
  `jasmin_trunk` through the `/send` of a stock Jasmin.
- `log_client` reads the log of our launcher; `operator_client` asks for the rest; `traced` is what
  a trace has.
"""
