"""One step of the story a module; `orbit.demo.story` lists them in their order."""
