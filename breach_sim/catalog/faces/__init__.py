"""What is seen of the catalog from outside: the ``schema`` of a scenario file, and ``labels`` of names."""
