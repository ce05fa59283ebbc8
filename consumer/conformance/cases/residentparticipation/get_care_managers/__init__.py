"""Rules of get care managers."""
