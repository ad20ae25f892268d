"""What an installation in containers needs besides images: its secrets and health checks."""
