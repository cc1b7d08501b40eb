"""The route explorer."""

from __future__ import annotations

import pytest

EXPLORER = "/admin/console/routes/"


class TestRouteExplorer:
    def test_a_number_is_explained(self, operator, carrier):
        asked = {"organization": "acme travel", "destination": "+33612345678"}
        text = operator.get(EXPLORER, asked).text
        for said in ("Orange", "lists FR", ">FR<"):
            assert said in text

    def test_who_is_left_out_and_why(self, operator, carrier):
        asked = {"organization": carrier.organization_id, "destination": "+14155550123"}
        text = operator.get(EXPLORER, asked).text
        assert "does not serve US" in text
        assert "NO_ROUTE" in text

    @pytest.mark.parametrize(
        ("organization", "destination"), [("Nobody", "+33612345678"), ("Acme Travel", "12")]
    )
    def test_a_fault_is_told(self, operator, carrier, organization, destination):
        asked = {"organization": organization, "destination": destination}
        assert "oc-error" in operator.get(EXPLORER, asked).text
