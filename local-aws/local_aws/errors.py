"""Failures that a user is told about in one sentence."""

FAILURE = 1
USER_ERROR = 2
NOT_RUNNING = 3
# As a shell reports a program that SIGINT or SIGPIPE has ended.
INTERRUPTED = 130
READER_GONE = 141


class LocalAwsError(Exception):
    """An expected failure: a sentence, and the exit code it ends the command with."""

    def __init__(self, sentence: str, exit_code: int = FAILURE) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


class OutputClosed(Exception):
    """The reader of a command's output is gone: there is nobody to tell."""
