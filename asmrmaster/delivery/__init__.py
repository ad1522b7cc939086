"""What a destination asks for: the file a master goes into, its length, its ends, its codec."""
