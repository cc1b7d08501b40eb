"""What the reconciler would do now: nothing."""

from __future__ import annotations

from orbit.dev.demo.scene import Scene


def is_empty(scene: Scene) -> str:
    scene.screen.say("What is wanted and what is in Jasmin, compared; it would change nothing:")
    scene.manage("reconcile", "--plan", expect=(0,))
    scene.screen.note("(The pass says how long it took; the rest is Python's own start.)")
    return "in sync, exit status 0"
