"""The objects of a document as frozen values: operations, parameters, bodies, responses."""
