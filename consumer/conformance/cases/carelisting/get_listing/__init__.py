"""Rules of get listing."""
