"""Tests of one module at a time, without network and database."""
