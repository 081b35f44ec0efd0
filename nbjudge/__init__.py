"""What only instructors run: from a class of submissions to grades, feedback and a report."""

import sys

from nbjudge.configuration import configure

__version__ = "1.1"

__all__ = ["configure"]

# jsonschema, by which notebooks are validated, would use this package to check international addresses, if it can be
# imported. That builds a grammar and takes a second in each process; no notebook holds such an address.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
