"""The ledger's home on a git ref, through the git program.

Read it in this order: ``addresses`` reads URLs, ``environment`` says what git is given, ``program`` runs it,
``remote`` finds out where a ledger lives and what its way there needs, ``repository`` is the private repository in
which a ledger is read and made, ``push`` sends it, ``store`` is the home.
"""
