"""The national test suites as they are published: a SoapUI project with its data.xml, without SoapUI.

What cannot be interpreted is *not evaluated*, and never passed: the report says what it was.
"""
