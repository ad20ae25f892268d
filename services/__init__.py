"""The deployables of the exchange: one package a service, each with the same files."""
