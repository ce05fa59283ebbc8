"""Rules of monitoring."""
