"""Deciding and doing: pure plan, order and drift; observing and applying through the ports."""
