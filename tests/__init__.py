"""Tests of fastkontakt."""
