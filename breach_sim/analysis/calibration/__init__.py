"""Fit of the firm's side on published amounts.

``rows`` (the amounts as rows of the fit), ``gaussian`` (the joint normal of a set of rows given the scales),
``sampler`` (draws of the scales, and then of the coefficients), ``hurdle`` (whether there is a payment).
"""
