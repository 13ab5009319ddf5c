"""The page a check leaves behind: `summarize` collects a dict, `render` lays it out."""
