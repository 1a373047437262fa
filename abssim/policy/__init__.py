"""What the originator does while a deal runs: policies, and what they change as pure functions of when they act."""
