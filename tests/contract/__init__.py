"""Tests that hold our schemas and messages against the published contracts."""
