"""Doors to other people's formats: records and feeds in, tables out.

Not here: the vocabulary of each format (``catalog/data/formats``) and the run.
"""
