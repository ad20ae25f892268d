"""The deployables of the exchange: one package per service, each with the same files."""
