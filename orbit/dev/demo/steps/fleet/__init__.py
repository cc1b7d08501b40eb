"""The steps of the story of several gateways; `orbit.dev.demo.fleet_story` has their order."""
