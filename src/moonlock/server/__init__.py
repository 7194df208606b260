"""REST, WebSocket and the page: translates HTTP to the house and back, and decides nothing.

Begin with ``app.py`` (the routes) and ``guard.py`` (who may reach them); ``serve.py`` opens the door. Nothing is
imported here, because the quick paths of the command line must not pay for a framework.
"""
