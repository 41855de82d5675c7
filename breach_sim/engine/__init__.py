"""The law: draws of parameters become probabilities, counts and losses. See ``docs/model.md``.

Not here: files, tables and figures. Nothing in this room reads a file.
"""
