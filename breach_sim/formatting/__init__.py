"""How numbers, names, dates and refusals read: messages, digits, tables.

Not here: anything of the domain. This room imports nothing of the package.
"""
