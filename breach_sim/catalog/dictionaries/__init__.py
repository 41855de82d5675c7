"""Readers of words: dictionaries of formats, and headings of tables."""
