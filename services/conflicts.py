class Conflict(Exception):
    """Somebody else was quicker: the view answers 409 with what happened, who did it and when.

    `obj` is the row as it now stands, for the page that tells.
    """

    def __init__(self, obj, message: str) -> None:
        super().__init__(message)
        self.obj = obj
        self.message = message
