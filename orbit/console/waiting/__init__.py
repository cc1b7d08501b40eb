"""What waits for a person: inbound texts that could not be handled automatically.

`lists` finds them among the newest texts. A text that an operator marks as handled (`models`) is no
longer listed. `views`: the page and its button.
"""
