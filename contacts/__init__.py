"""Fixed contacts: who may be shown, appointing, ending, moving, distributing, doctors and caps, quality.

What the engagement index is to have follows from them and is here too. Never: elements of a contract, HTTP,
rows of a source, nor what a listing leads to: a doctor is had by a listing, and `listings` sees to that.
"""
