"""Doors to other people's formats: records and feeds in, tables out.

Place in the corridor: above ``catalog``, below ``report`` and ``api``.
"""
