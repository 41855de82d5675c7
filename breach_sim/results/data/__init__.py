"""One result as data for other programs: the JSON document, the tidy table, samples, STIX, loss tables.

Keys are names, never labels; a total is a row of its own under the name "all"; numbers are numbers.

Not here: tables for readers (``results.tables``), and files (``interop.export``).
"""
