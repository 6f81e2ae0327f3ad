"""What the panel tells of its own accord: to browsers that asked to be told, when something is out of the ordinary."""
