"""Laws of what-ifs that a small change of the code could break unnoticed (`tools/mutants.py`)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from support import worlds

from breach_sim.inputs.changes import Drop
from breach_sim.inputs.mitigations import Mitigation
from breach_sim.whatif.worth import who_and_when


def test_who_and_when_says_what_was_possible_and_from_which_day() -> None:
    """What had to be done before the breach is not possible any more; days are those of the mitigation."""
    past = Mitigation(name="past", label="past", changes=(Drop(fields=("ssn",)),))
    later = Mitigation(name="later", label="later", changes=(), day=7.0, earliest_day=3.0)
    run: Any = SimpleNamespace(
        mitigations=(past, later),
        scenario=worlds.scenario([worlds.segment("s", 10, [("ssn", 1.0)])]),
        notes=(),
    )
    rows = who_and_when(run)
    assert [past.is_past, later.is_past] == [True, False]
    assert [False, True] == rows["possible"].tolist()
    assert (7.0, 3.0) == (rows.loc["later", "start_day"], rows.loc["later", "earliest_day"])
    assert np.isnan(rows.loc["past", ["start_day", "earliest_day"]].astype(float)).all()
