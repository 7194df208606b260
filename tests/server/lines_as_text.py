"""For schemathesis: a body of JSON Lines is text."""

from __future__ import annotations

import schemathesis

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
