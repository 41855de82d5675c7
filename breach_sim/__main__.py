"""``python -m breach_sim``: the command line."""

from breach_sim.apps.cli.main import main

if __name__ == "__main__":
    main()
