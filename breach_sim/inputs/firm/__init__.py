"""The breached firm: published amounts, the model of payments, and the ledger.

``outcomes`` (one published amount), ``payments`` (how large a payment is, and whether there is one),
``ledger`` (the lines of a firm's cost), ``insurance`` (layers that pay for a part of it),
``timing`` (when each line is paid).
"""
