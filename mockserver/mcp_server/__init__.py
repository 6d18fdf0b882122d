"""The control API as tools of the Model Context Protocol, for agents that test their own code (extra `mcp`)."""
