"""The whole exchange as processes: its keys, its databases, its environment, its programs."""
