"""GitHub, by its REST API and the job's own token: comments, issues, saved plans of pull requests.

Texts come from :mod:`reconciler.render`, plans from :mod:`reconciler.ledger`; this package knows neither. It finds what
is ours (:mod:`reconciler.github.marks`), changes only that, and speaks with one host
(:mod:`reconciler.github.access`), as fast as it is allowed to (:mod:`reconciler.github.limits`).
"""
