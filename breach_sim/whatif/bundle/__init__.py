"""The best bundle: ``choice``, its ``regret``, what bundles cost (``payments``) and avert (``tables``)."""

from breach_sim.whatif.bundle.choice import Bundle, best_bundle

__all__ = ["Bundle", "best_bundle"]
