"""The page of a mock: static files for a browser, which know nothing but the documented control API."""
