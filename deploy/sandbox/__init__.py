"""What stands in a sandbox for the world outside: nothing that it is given leaves this machine."""
