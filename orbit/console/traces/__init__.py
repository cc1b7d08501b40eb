"""Live traces of a credential: the page, its table, and the file for Wireshark.

- `requests`: start and stop, each audited; asks a worker to go on. `views`: the pages.
- `rows`: PDUs as the operator's role shows them. `pcapng`: the file.
"""
