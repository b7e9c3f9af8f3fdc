def index_words(*texts: str) -> str:
    return " " + " ".join(texts).lower() + " "
