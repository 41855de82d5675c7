"""One value of every parameter per replicate, drawn by name; and which parameters were used.

A parameter is drawn by inverse distribution function from the stream ``("parameter", its name)``. Asking
twice gives the same draws; asking for one more parameter changes no other.

Place in the corridor: above ``estimates`` and ``streams``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from breach_sim.estimates import Estimate
from breach_sim.streams import check_seed, uniforms

Array = NDArray[np.float64]


class Parameters:
    """Draws of the parameters of one run.

    Parameters
    ----------
    seed
        Whole number. [0, 2**63)
    replicates
        How many draws of each, R. [1, inf)
    overrides
        Values that replace the draws of named parameters, each a number or an array of shape (R,).
    """

    def __init__(
        self, seed: int, replicates: int, overrides: Mapping[str, float | Array] | None = None
    ) -> None:
        self.seed = check_seed(seed)
        self.replicates = replicates
        self._overrides = dict(overrides or {})
        self._draws: dict[str, Array] = {}
        self._used: dict[str, Estimate] = {}

    def __call__(self, estimate: Estimate) -> Array:
        """Draws of one parameter.

        Parameters
        ----------
        estimate
            The parameter; its name names the stream.

        Returns
        -------
        Shape (R,), read-only, in the unit of the estimate.

        Raises
        ------
        ValueError
            If another parameter of the same name was drawn before.
        """
        name = estimate.name
        known = self._used.setdefault(name, estimate)
        if known is not estimate and known != estimate:
            raise ValueError(f"two different parameters are named {name!r}; names must differ")
        if name not in self._draws:
            if name in self._overrides:
                draws = np.full(self.replicates, self._overrides[name])
            elif estimate.is_certain:
                draws = np.full(self.replicates, estimate.central)
            else:
                draws = estimate.ppf(uniforms(self.seed, "parameter", name, size=self.replicates))
            draws.flags.writeable = False
            self._draws[name] = draws
        return self._draws[name]

    @property
    def used(self) -> tuple[Estimate, ...]:
        """Parameters asked for so far, in the order of asking."""
        return tuple(self._used.values())
