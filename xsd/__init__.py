"""Schemas and WSDLs of the contracts, a folder per domain laid out like a release package: data, no code."""
