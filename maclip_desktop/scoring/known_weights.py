"""Files of weights that OpenAI published, known by their SHA-256. Imports neither torch nor open_clip."""

from pathlib import Path

PUBLISHED = {
    "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762": "RN50.pt",
    "8fa8567bab74a42d41c5915025a8e4538c3bdbe8804a470a72f30b0d94fab599": "RN101.pt",
    "7e526bd135e493cef0776de27d5f42653e6b4c8bf9e0f653bb11773263205fdd": "RN50x4.pt",
    "52378b407f34354e150460fe41077663dd5b39c54cd0bfd2b27167a4a06ec9aa": "RN50x16.pt",
    "be1cfb55d75a9666199fb2206c106743da0f6468c9d327f3e0d0a543a9919d9c": "RN50x64.pt",
    "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af": "ViT-B-32.pt",
    "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f": "ViT-B-16.pt",
    "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836": "ViT-L-14.pt",
    "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02": "ViT-L-14-336px.pt",
}
"""SHA-256 -> name. Source: OpenAI put the hash of each archive into its address, and open_clip's table of pretrained
weights has the addresses (tag ``openai``); a test compares with that table."""


DOWNLOADED = "downloaded from where open_clip has OpenAI's weights"
"""The origin of weights that this program downloaded itself; their file is another than those that OpenAI published."""


def identify(sha256: str) -> str | None:
    """What the file with this hash is, for people; None for one that OpenAI did not publish."""
    name = PUBLISHED.get(sha256)
    return f"OpenAI's {name}" if name else None


def is_published(sha256: str) -> bool:
    """Whether OpenAI published the file with this hash."""
    return sha256 in PUBLISHED


def calls_itself_openais(path: Path) -> bool:
    """Whether the file has the name of one that OpenAI published."""
    return path.name in PUBLISHED.values()
