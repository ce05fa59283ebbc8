"""Runs the command line with ``python -m fastkontakt``."""

from fastkontakt.cli import main

main()
