"""The command line: one file a command; ``wiring`` is the one place where the parts meet, ``main`` the one boundary."""
