"""Runs that are killed, paused and raced: each in a process of its own, on one service and one ledger."""
