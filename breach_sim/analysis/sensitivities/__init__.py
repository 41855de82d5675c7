"""Which doubt matters: shares of the variance by parameter, one change at a time, and rank correlations.

``indices`` asks the model, ``designs`` chooses the points at which it is asked and estimates from the values.

Not here: who or what is responsible for a loss (``attributions``).
"""
