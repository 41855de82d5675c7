"""Laws of the versions that an artifact names."""

from __future__ import annotations

import platform

import numpy as np
import scipy

from breach_sim.formatting.versions import made_with, made_with_words


def test_versions_are_those_that_compute() -> None:
    """Python and both libraries are named with the versions that are imported, in words too."""
    expected = {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__}
    assert expected == made_with()
    assert f"NumPy {np.__version__}" in made_with_words()


def test_a_library_that_is_missing_is_said_to_be() -> None:
    """A library that is not installed has that as its version."""
    assert made_with(("no-such-library",))["no-such-library"] == "not installed"
