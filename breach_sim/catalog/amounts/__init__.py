"""Amounts published after breaches: the files, rates of exchange and prices, and the rows fitted on them."""
