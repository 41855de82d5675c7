"""The harm league: many breaches ranked by expected harm, on shared draws, and how sure each place is.

``worlds`` are the readings of the evidence, ``harm`` the expected harm of each breach under all of them,
``order`` the ranks, ``deciding`` what decides a place, ``standings`` the answer.

Not here: sums over breaches and their tails (``results.side_by_side``).
"""
