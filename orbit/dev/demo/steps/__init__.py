"""The steps of the story, a module each; `orbit.dev.demo.story` has their order."""
