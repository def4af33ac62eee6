"""Helpers of the tests: the bench."""
