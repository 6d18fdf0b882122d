"""What clients are told as it happens: Socket.IO on a port of its own. Needs the extra `live`."""
