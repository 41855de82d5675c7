"""The command line: ``breach-sim``, one module a family of commands."""
