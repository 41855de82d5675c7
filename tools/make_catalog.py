"""Make the catalog page and the schema of a scenario file again: ``python run.py catalog``.

``docs/catalog.md``, ``harms.toml`` and ``scenario.schema.json`` in ``breach_sim/catalog/data`` are written
aside first, so that nothing is left half written.
"""

from pathlib import Path

from breach_sim.apps.reporting import catalog_page
from breach_sim.catalog import SCHEMA
from breach_sim.catalog.faces.schema import schema_text

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "breach_sim" / "catalog" / "data"


def main() -> None:
    """Compute the largest harms, then write the three files."""
    harms = catalog_page.find_harms()
    texts = {
        DATA / "generated" / "harms.toml": catalog_page.harms_text(harms),
        DATA / "templates" / SCHEMA: schema_text(),
        ROOT / "docs" / "catalog.md": catalog_page.page(harms),
    }
    for path, text in texts.items():
        aside = path.with_name(f"{path.name}.part")
        aside.write_text(text, encoding="utf-8", newline="\n")
        aside.replace(path)
        print(f"{path.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
