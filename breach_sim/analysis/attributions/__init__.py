"""Who or what is responsible: Shapley values of leaked fields, and of several breaches of the same persons.

Not here: what a change from one breach to another does (``bridge``).
"""
