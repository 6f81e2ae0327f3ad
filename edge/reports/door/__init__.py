"""The notice at the door: that people are counted here, how, and by whom."""
