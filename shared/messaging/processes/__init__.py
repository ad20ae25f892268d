"""The three processes of a service, composed from its settings: api, worker, relay."""
