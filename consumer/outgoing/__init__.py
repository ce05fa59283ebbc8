"""What goes out by itself: messages to other regions and posts to the engagement index, sent and sent again.

Never: which messages and posts there are to be; that is decided with the change that causes them.
"""
