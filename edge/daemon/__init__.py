"""Puts the running program together: settings, devices, services.

With the other verbs of the command the only room that names concrete classes.
"""
