"""What HR asks about: who has finished; reads everything to the left, writes nothing."""
