"""Tables over the arrays of one run: counts, money, months, uncertainty, sources."""
