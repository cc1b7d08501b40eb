"""One step of the story a module; `orbit.dev.demo.story` lists them in their order."""
