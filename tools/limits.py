"""Limits that several rooms share."""

#: A question that is not answered is kept no longer (days).
MAX_ASK_DAYS = 30
