"""The web console: pages for people, a client of the APIs like any other; it keeps nothing."""
