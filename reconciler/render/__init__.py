"""What a plan, an apply and a look for drift look like: one file a format, all of them pure but for the stream.

``json`` is the contract, ``text`` is for a person at a terminal or a log, ``markdown`` for a pull request or a job's
summary. No value from a manifest or from the service may act on what shows it: :mod:`.inert` takes the teeth out of
control characters, :mod:`.markup` out of HTML and Markdown, and :mod:`.sink` is the last fence before a stream.

``rich`` and ``deepdiff`` are imported only inside the functions that draw with them: together they would double the
time that ``--help`` takes.
"""
