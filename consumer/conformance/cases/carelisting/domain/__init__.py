"""Rules of domain."""
