"""Reading pages of the network in tests."""
from django.utils.translation import override


def address(thing, language: str = "fi") -> str:
    """Of a thing's page in a language, whatever the page before was in."""
    with override(language):
        return thing.get_absolute_url()


def page(client, url: str, **params) -> str:
    answer = client.get(url, params)
    assert answer.status_code == 200
    return answer.content.decode()
