"""Rules of refused."""
