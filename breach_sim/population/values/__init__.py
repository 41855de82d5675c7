"""Contents of a record: columns, identifiers, places, names, and the guard against real identifiers."""
