"""Where a number comes from: every figure as a tree of parameters, counts and draws."""
