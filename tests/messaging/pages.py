"""What lists say of their pages."""

from __future__ import annotations

WHOLE_LIST_OF_THREE = {
    "cursor": None,
    "has_more": False,
    "total": 3,
    "total_is_estimate": False,
}
