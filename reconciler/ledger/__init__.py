"""What was last applied, and by whom: the ledger of one target; and what was reviewed: saved plans.

Read it in this order: ``document`` is any file of the ledger as bytes, its seal made and checked; ``format`` turns the
files into the model's values and back; ``lease`` says who may write, ``seals`` what all seals say together, ``secrecy``
that no secret is written. ``store`` is what a home has to do, ``pages`` reads one as a ledger, and ``target`` is the
ledger of a target: the rules, the same in every home. ``folder`` (over ``files``, which touches the disk) and ``git``
are the two homes, ``home`` chooses; ``kept`` and ``grouped`` are for one that is far away, ``titles`` what its commits
are called. ``plan_file`` is a saved plan on the disk, ``plan_format`` the same as values, with its ``key_order``.
"""
