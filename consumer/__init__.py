"""The consumer: a client that calls the contracts and says in types what came of it."""
