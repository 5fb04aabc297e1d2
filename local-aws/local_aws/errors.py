"""Failures that a user is told about in one sentence."""

FAILURE = 1
USER_ERROR = 2
NOT_RUNNING = 3


class LocalAwsError(Exception):
    """An expected failure: a sentence, and the exit code it ends the command with."""

    def __init__(self, sentence: str, exit_code: int = FAILURE) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
