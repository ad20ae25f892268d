"""What an installation in containers needs beside its images: secrets handed out, liveness."""
