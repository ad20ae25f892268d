"""The deadlines: weeks of the law pass in a minute, on real services, and each is seen in time."""
