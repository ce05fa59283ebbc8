"""Rules of create listing."""
