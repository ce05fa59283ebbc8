"""Rules of get listing county."""
