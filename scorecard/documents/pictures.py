"""A picture as PNG: the SVG that stands alone (``scorecard.charts.pictures``), drawn by typst with the same fonts as
documents on paper. No font of the machine is used and nothing is loaded from anywhere.
"""

import typst

from .typesetting import font_folders

SOURCE = b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")'
#: Two dots to a point of the drawing (a point is a pixel of the SVG times 72/96).
DOTS = 192.0


def to_png(svg: str) -> bytes:
    """The PNG of an SVG."""
    made: bytes = typst.compile(
        SOURCE,
        font_paths=font_folders(),
        ignore_system_fonts=True,
        format="png",
        ppi=DOTS,
        sys_inputs={"svg": svg},
    )
    return made
