"""What the gateway has, in one answer (`reconciler.gateway_api.STATE`).

Jasmin's console writes it line by line, and the process stands still meanwhile. Here it is told in
short turns, and an answer names once what repeats. `printed_settings` spells settings as the
console does, `answer` puts an answer together, `resource` takes the questions.
"""
