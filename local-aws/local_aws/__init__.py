"""A local AWS: the MiniStack emulator and an adapter that makes it run what this project deploys."""
