"""What takes checks of rights away, one by one, to see that the matrix notices."""
