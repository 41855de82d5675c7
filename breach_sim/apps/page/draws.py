"""Draws of parameters as a page stores them: one row for each that is uncertain, one number for the others.

Not here: what the rows are used for (``world``).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

import numpy as np

from breach_sim.engine.draws.parameters import Parameters
from breach_sim.formatting.arrays import Array
from breach_sim.inputs.numbers.estimates import Estimate


class Draws:
    """Collects draws, each once, and numbers them.

    Parameters
    ----------
    parameters
        Draws per replicate.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._numbers: dict[bytes, int] = {}
        self._values: list[float | list[int]] = []
        self._rows: list[Array] = []

    def of(self, estimate: Estimate) -> int:
        """Return the number under which the draws of a parameter are stored.

        Parameters
        ----------
        estimate
            The parameter.

        Returns
        -------
        Place in ``values`` of :meth:`stored`. [0, inf)
        """
        return self.put(self._parameters(estimate))

    def put(self, values: Array | float) -> int:
        """Return the number under which values are stored.

        Parameters
        ----------
        values
            One number, or one for each replicate. Shape (R,), (1,) or ().

        Returns
        -------
        Place in ``values`` of :meth:`stored`. [0, inf)
        """
        row = np.atleast_1d(np.asarray(values, dtype=np.float64))
        if np.all(row == row[0]):
            row = row[:1]
        key = row.tobytes()
        if key not in self._numbers:
            self._numbers[key] = len(self._values)
            if len(row) == 1:
                self._values.append(float(row[0]))
            else:
                self._values.append([len(self._rows)])
                self._rows.append(row)
        return self._numbers[key]

    def stored(self) -> Mapping[str, object]:
        """Return everything collected.

        Returns
        -------
        ``values``: a number, or a list with the number of a row. ``rows``: all rows one after the other, as
        little-endian doubles in base64.
        """
        rows = np.concatenate(self._rows) if self._rows else np.zeros(0)
        text = base64.b64encode(rows.astype("<f8").tobytes()).decode("ascii")
        return {"values": self._values, "rows": text}
