"""Who may take a message, from whom, in which order and why: one answer for all who ask.

`selection` is the answer, pure, over what `reading` reads of one organisation. `routes.Routes` puts
both together for the router (`choose`) and for the check at POST (`check`); `previews` says the
same of a pool's next messages; `senders` takes turns for many messages at once, or looks at them.
"""
