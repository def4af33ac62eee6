"""What was last applied, and by whom: the ledger of one target.

Read it in this order: ``document`` is any file of the ledger as bytes, its seal made and checked; ``format`` turns the
files into the model's values and back; ``lease`` says who may write, ``seals`` what all seals say together, ``secrecy``
that no secret is written; ``files`` touches the disk; ``folder`` is the home in a folder. All but the last two know
nothing of where a ledger lives.
"""
