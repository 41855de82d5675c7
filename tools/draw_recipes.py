"""Draw the picture of the README again: ``python tools/draw_recipes.py``.

A test compares the words of the stored picture with those of the figure that the package draws now.
"""

from pathlib import Path

import breach_sim as bs

TARGET = Path(__file__).resolve().parents[1] / "docs" / "figures" / "recipes.png"
SCENARIO, SEED = "tmobile-2021-stated", 1


def main() -> None:
    """Write the picture."""
    bs.plots.save(bs.plots.recipes(bs.simulate(SCENARIO, seed=SEED)), TARGET)
    print(f"docs/figures/{TARGET.name}: {TARGET.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
