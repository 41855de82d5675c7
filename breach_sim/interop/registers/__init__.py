"""Import official lists of breaches, one breach a row: the HHS portal, lists of the states, Privacy Rights.

Not here: the headings of the lists and the words for kinds of data (``catalog/data/formats``).
"""

from breach_sim.interop.registers.headings import register_kind
from breach_sim.interop.registers.reading import FORMAT, from_register

__all__ = ["FORMAT", "from_register", "register_kind"]
