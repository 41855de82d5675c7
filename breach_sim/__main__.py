"""``python -m breach_sim``: the command line."""

from breach_sim.cli import main

if __name__ == "__main__":
    main()
