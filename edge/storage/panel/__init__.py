"""What the panel keeps for itself: who may do what, who did what, and what people noted."""
