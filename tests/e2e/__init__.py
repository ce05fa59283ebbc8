"""The product as its users meet it: processes, HTTP and the command line."""
