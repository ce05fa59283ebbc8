"""Rules of get listing types."""
