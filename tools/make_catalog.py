"""Make the catalog page again: ``python run.py catalog``.

``docs/catalog.md`` and ``breach_sim/catalog/data/generated/harms.toml`` are written aside first, so that
nothing is left half written.
"""

from pathlib import Path

from breach_sim.apps.reporting import catalog_page

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Compute the largest harms, then write the two files."""
    harms = catalog_page.find_harms()
    texts = {
        ROOT / "breach_sim" / "catalog" / "data" / "generated" / "harms.toml": catalog_page.harms_text(harms),
        ROOT / "docs" / "catalog.md": catalog_page.page(harms),
    }
    for path, text in texts.items():
        aside = path.with_name(f"{path.name}.part")
        aside.write_text(text, encoding="utf-8", newline="\n")
        aside.replace(path)
        print(f"{path.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
