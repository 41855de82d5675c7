"""Doors to other people's data: what comes in as a table, a feed or a file of another house.

Place in the corridor: above ``catalog``, below ``report`` and ``api``.
"""
