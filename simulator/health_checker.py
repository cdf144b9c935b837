"""When all is well again, no node says otherwise.

It looks at what nodes say of their devices, after a calm time; what they had to say before is for the mishaps.
"""

from collections.abc import Iterable, Iterator

from simulator.fleet import Post


def health_violations(posts: Iterable[Post]) -> Iterator[str]:
    """Faults that are still told of."""
    for post in posts:
        for device, needs in post.node.faults.items():
            yield f"after calm {post.name} still says of its {device}: {needs}"
