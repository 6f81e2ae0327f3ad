"""Figures for people to look at: any period by hour, day, week, month or year, of the site or a part of it."""
