"""Some cases in every run of the tests, all of them in `python run.py verify`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def some(cases: Iterable[Any], every: int = 3, always: Iterable[Any] = ()) -> list[Any]:
    """Mark all cases as slow but the first of every few, and those named.

    A law that holds for each file of a catalog is tried on a part of them in a run of minutes, and on all of
    them in the slow run: it is the same law, and nothing is left out of both.

    Parameters
    ----------
    cases
        Cases of a parametrized test.
    every
        Of so many cases the first is tried in every run.
    always
        Further cases that are tried in every run.

    Returns
    -------
    The cases, in their order.
    """
    kept = list(always)
    return [
        case if place % every == 0 or case in kept else pytest.param(case, marks=pytest.mark.slow)
        for place, case in enumerate(cases)
    ]
