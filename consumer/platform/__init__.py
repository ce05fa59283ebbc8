"""A stand-in for what is between 1177 and a producer: for testers, with no test environment of anybody's.

The platform (SKLTP VP) that routes by LogicalAddress, the aggregating service of GetCareManagers, the
engagement index, and other regions and sources that answer well or not. Facts on RIV-TA, sections 2, 4
and 6; docs/platform.md tells what is left out.
"""
