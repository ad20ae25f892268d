"""What sets notification to work: messages of other services, and what has become due."""
