"""Masks secrets in whatever shows an exchange: by what the document declares, by names, and by values already seen."""
