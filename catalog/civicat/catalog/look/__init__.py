"""How pages look and speak: scripts, numbers and dates, Markdown, small pictures, tokens of the design."""
