"""Programs over the API: command line, report, explorer and lessons.

Not here: anything that another room needs. Nothing imports from this room.
"""
