"""Measure mitigations, attribution, sensitivity, readings, trees: ``python benchmarks/explain.py``.

Each figure is the median of several calls in one process after one not counted, at 10,000 replicates; the
peak of memory is that of the whole process. Imports of pandas and SALib are not counted.
"""

from __future__ import annotations

import dataclasses
import resource
import statistics
import time
from collections.abc import Callable

import breach_sim as bs
from breach_sim.analysis import explain, field_values
from breach_sim.analysis.provenance.tree import as_text

REPLICATES = 10_000
RUNS = 5
TWELVE = ("full_name", "date_of_birth", "ssn", "ssn_last4", "drivers_license_number", "phone_number",
          "account_pin", "imsi", "imei", "imei_history", "email_address", "postal_address")  # fmt: skip


def twelve_fields() -> bs.Impact:
    """Impact of a breach that lost twelve fields in six blocks, each for an uncertain share."""
    scenario = bs.load_scenario("tmobile-2021-claimed")
    leaks = tuple(
        bs.Leak(
            fields=names,
            coverage=bs.Estimate(
                name=f"benchmark.{names[0]}", kind="pert", low=0.2, mode=0.6, high=0.9, unit="share",
                status="assumed", sources=("user-input",), note="benchmark",
            ),
        )
        for names in (TWELVE[i : i + 2] for i in range(0, len(TWELVE), 2))
    )  # fmt: skip
    segment = dataclasses.replace(scenario.segments[0], leaks=leaks)
    return bs.simulate(dataclasses.replace(scenario, segments=(segment,)), replicates=REPLICATES, seed=1)


def timed(what: str, call: Callable[[], object], limit: str = "") -> None:
    """Print the median time of some calls."""
    seconds = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    timing = f"{statistics.median(seconds[1:]):8.3f} s  ({min(seconds[1:]):.3f} to {max(seconds[1:]):.3f})"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<58}{timing}  peak {peak:,.0f} MB  {limit}", flush=True)


TEN = ("pin-reset", "sim-lock", "credit-freeze", "tax-pin", "notice", "monitoring", "codes-by-app",
       "passkeys", "drop-ssn", "retention-5-years")  # fmt: skip
TWENTY = (*TEN, "sim-lock-opt-in", "credit-freeze-for-all", "tax-pin-for-all", "ssn-last-four",
          "dwell-30-days", "drop-phone_number", "drop-date_of_birth", "tokenise-drivers_license_number",
          "drop-account_pin", "tokenise-imei")  # fmt: skip


def mitigations() -> None:
    """Measure comparisons and bundles."""
    for name in ("stated", "class"):
        timed(
            f"compare, ten mitigations, {name}",
            lambda n=name: bs.compare(n, *TEN, seed=1, replicates=REPLICATES),
            "at most 8 s",
        )
    for many, replicates in ((12, REPLICATES), (20, 2_000)):
        timed(
            f"best bundle of {many}, stated, {replicates:,} replicates",
            lambda m=many, r=replicates: bs.best_bundle("stated", TWENTY[:m], 5e7, seed=1, replicates=r),
        )


def main() -> None:
    """Measure everything and print a line each."""
    mitigations()
    impacts = {n: bs.simulate(n, replicates=REPLICATES, seed=1) for n in ("stated", "claimed", "class")}
    stated = impacts["stated"]
    everything = bs.simulate("everyone-lost-everything", replicates=REPLICATES, seed=1)
    twelve = twelve_fields()
    timed("attribution, 12 fields in 6 uncertain blocks", lambda: field_values(twelve), "at most 10 s")
    timed("attribution, stated (9 fields)", lambda: field_values(stated))
    timed("attribution, everyone lost everything (9 fields)", lambda: field_values(everything))
    timed("sensitivity (sobol), loss, all parameters", lambda: bs.sensitivity(stated), "at most 10 s")
    timed("sensitivity (rank), loss, all parameters", lambda: bs.sensitivity(stated, "rank"))
    timed("tornado", lambda: bs.tornado(stated))
    timed("structural, class", lambda: bs.structural(impacts["class"]))
    timed("waterfall, claimed to stated", lambda: bs.waterfall(impacts["claimed"], stated))
    for path in ("people.mean", "loss_usd.mean", "loss_usd.p95", "attacks.sim_swap.victims.p50",
                 "attacks.crypto_code_interception.loss_usd.mean", "firm_cost_usd.p50"):  # fmt: skip
        timed(f"explain {path}", lambda p=path: as_text(explain(stated, p)), "at most 0.1 s")


if __name__ == "__main__":
    main()
