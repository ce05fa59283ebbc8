"""Rules of update listing."""
