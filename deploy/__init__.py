"""How the exchange is run: embedded servers, the stack of processes, containers, the command."""
