"""What stands in a record: columns, identifiers, places, names, and the guard against real ones."""
