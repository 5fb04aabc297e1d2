"""Why a task does not start, in the words that ECS uses."""


class TaskFailure(Exception):
    """Ends a task before it runs."""

    kind = "TaskFailedToStart"

    def reason(self) -> str:
        return f"{type(self).__name__}: {self}"


class ResourceInitializationError(TaskFailure):
    """Secrets, volumes, logs: what a task needs beside its image."""


class CannotPullContainerError(TaskFailure):
    """The image cannot be had."""


class CannotStartContainerError(TaskFailure):
    """The container was made and would not start."""
