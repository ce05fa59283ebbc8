"""A run on paper: JSON to keep and compare, JUnit XML for a build, one HTML page for people."""
