"""What the user may choose: read once at start-up, then passed down as a value.

``moonlock.config.load`` makes the value, ``moonlock.config.settings`` says what there is to choose.
"""
