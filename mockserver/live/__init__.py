"""Live channels over Socket.IO on a separate port. Needs the extra `live`."""
