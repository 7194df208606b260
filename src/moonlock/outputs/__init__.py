"""Reports as text: for people (``table``) and for programs (``json``). Each has ``render(report, …) -> str``."""
