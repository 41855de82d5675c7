"""Segments made from something else: from a data frame, or from the segments of several breaches."""
