"""The search: text in tokens, questions as queries, and what is found, suggested, completed and alike."""
