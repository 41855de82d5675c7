"""Compute on which numbers the loss of four scenarios rests: ``python run.py evidence``.

Writes ``breach_sim/catalog/data/generated/evidence_shares.toml``, in minutes. A fast test compares the hash
of the inputs, a slow one computes a scenario again.
"""

from pathlib import Path

from breach_sim import api
from breach_sim.analysis.evidence_shares import EvidenceShare, evidence_shares, inputs_hash
from breach_sim.catalog import load_posterior, load_sources
from breach_sim.results.impact import Impact

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "breach_sim" / "catalog" / "data" / "generated" / "evidence_shares.toml"
BEFORE = {
    "tmobile-2021-stated": 0.133,
    "tmobile-2021-class": 0.075,
    "equifax-2017": 0.092,
    "att-73m-2024-confirmed": 0.055,
}
"""Share on evidence before any rate or payment was calibrated, computed in this way, base sample 16,384."""
BASE, SEED, REPLICATES = 65_536, 1, 64
"""Base sample; seed; replicates of the run, whose draws play no part."""
CALIBRATED: tuple[str, ...] = load_posterior().names
"""Names of the parameters that are fitted to published data."""
ROW = "posterior.victims"
"""Name of the uniform number that moves them together."""
HEAD = f"""\
# What the doubt about the loss rests on: shares of the variance of the expected loss over five years.
# Made by `python run.py evidence` (base sample {BASE}, seed {SEED}); do not edit.
"""


def run_of(scenario: str) -> Impact:
    """The run whose scenario and attacks are studied."""
    return api.simulate(scenario, replicates=REPLICATES, seed=SEED)


def hash_of(scenario: str) -> str:
    """Hash of the numbers behind the shares of a scenario."""
    run = run_of(scenario)
    return inputs_hash(run, run.scenario.with_own_sources(load_sources()), CALIBRATED)


def shares_of(scenario: str, base: int = BASE) -> tuple[EvidenceShare, ...]:
    """Shares of a scenario."""
    run = run_of(scenario)
    sources = run.scenario.with_own_sources(load_sources())
    return evidence_shares(run, sources, CALIBRATED, row=ROW, base=base)


def text_of(scenario: str) -> str:
    """Table of a scenario."""
    lines = [f"[{scenario}]", f'inputs = "{hash_of(scenario)}"', f"before = {BEFORE[scenario]}", "shares = ["]
    lines += [
        f'  {{ status = "{own.status}", verified = "{own.verified}", parameters = {own.parameters}, '
        f"share = {own.share:.4f}, error = {own.error:.4f} }},"
        for own in shares_of(scenario)
    ]
    return "\n".join([*lines, "]"])


def main() -> None:
    """Compute all, then write the file."""
    text = HEAD + "\n" + "\n\n".join(text_of(scenario) for scenario in BEFORE) + "\n"
    aside = TARGET.with_name(f"{TARGET.name}.part")
    aside.write_text(text, encoding="utf-8", newline="\n")
    aside.replace(TARGET)
    print(f"{TARGET.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
