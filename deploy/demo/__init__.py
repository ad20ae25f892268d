"""The demonstration: invented cases pass through the real exchange to simulated partners."""
