"""The conformance tester, tested: broken producers that it must catch, and a good one that it must let be."""
