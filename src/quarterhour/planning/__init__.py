"""Planning: questions that ask a scorecard again."""
