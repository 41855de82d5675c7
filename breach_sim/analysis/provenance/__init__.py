"""Where a number comes from: every figure as a tree of parameters, counts and draws.

``figures`` makes the tree of a figure, ``tree`` is the tree and what can be done with it.
"""

from breach_sim.analysis.provenance.tree import Node, as_dict, as_json, as_text, nodes, parameters, recompute

__all__ = ["Node", "as_dict", "as_json", "as_text", "nodes", "parameters", "recompute"]
