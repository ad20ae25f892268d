"""The stack on one machine without Docker: real servers out of wheels, kept up together."""
