"""Format numbers, names, dates, error messages and tables.

Not here: anything specific to breaches. This folder imports nothing else of the package.
"""
