"""Listings: the rules of CreateListing and UpdateListing, places, queues, upkeep, and the log of changes.

What a region allows is here too. Never: elements of a contract, HTTP, rows of a source.
"""
