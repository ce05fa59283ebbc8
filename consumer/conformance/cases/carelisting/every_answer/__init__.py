"""Rules of every answer."""
