"""A plan or a look for drift as one HTML page: no network, no build, nothing in it that a browser would run but ours.

:mod:`.report` puts the page together from views: :mod:`.cards` (what changes, and what has drifted), :mod:`.tally` (the
counts as a bar), :mod:`.timeline` (the next runs of flows) and :mod:`.picture` (the graph, placed by :mod:`.layout`).
Views are data: every text in them is foreign until :mod:`.page` writes it into a template, redacted, inert and escaped.

The page holds any text, since the templates escape whatever they are given, a strict Content-Security-Policy lets
nothing run or load that is not ours by its hash, and no value is ever written into a script, a style or a link.

``jinja2`` is imported in :mod:`.page` alone, and only when a page is made.
"""
