"""Why, and where a number comes from: attribution to fields, sensitivity, waterfalls, trees.

Everything here acts on the expected loss, or people, given the parameters: the luck of single accounts is
nobody's doing.
"""
