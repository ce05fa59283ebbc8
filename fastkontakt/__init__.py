"""The application: command line, settings, wiring, logging, the demo, the profiles that ship.

Never: what two commands could not share; that belongs to the room it is about.
"""
