"""Turn draws of parameters into probabilities, counts and losses, as defined in ``docs/model.md``.

Not here: files, tables and figures. Nothing in this room reads a file.
"""
