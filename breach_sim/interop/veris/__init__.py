"""Import VERIS incidents: containers, identity, amounts, contents of records, and the account of it."""
