"""What a run says of its limits, as sentences: zeros, crews that are too few, closed attacks, countries."""
