"""What gateways say of messages: carriers' answers, receipts and inbound texts.

- Gateways behind our launcher keep a log: `readers` reads all logs (`manage.py receive`),
  `log_offsets` applies their records, each once.
- `errands` brings opted-out numbers to gateways, and texts of phones for platforms
  (`platform_texts`).
- A stock Jasmin reports by callback, to `dlr_callback`; `dlr_base_url` checks the address.
"""
