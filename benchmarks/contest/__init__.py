"""The comparison with peers: who takes part, what is asked of them, and how they are judged."""
