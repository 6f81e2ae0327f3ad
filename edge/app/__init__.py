"""Composition root: puts settings, devices and services together. The only room that names concrete classes."""
