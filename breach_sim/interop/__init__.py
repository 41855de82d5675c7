"""Doors to other people's formats: records in, tables out.

Place in the corridor: above ``catalog``, below ``report`` and ``api``.
"""
