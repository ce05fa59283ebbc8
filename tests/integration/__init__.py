"""Tests of several modules together, with databases and servers of the tests' own."""
