"""The processes of a service, composed from its settings: api, worker, relay; or back for both."""
