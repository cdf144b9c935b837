"""`python -m simulator`: the command `guichet-sim`."""

from simulator.cli import main

main()
