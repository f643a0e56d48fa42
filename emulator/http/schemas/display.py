"""What a token shows."""

from pydantic import Field

from emulator.http.schemas.base import Answer, Cursor


class Display(Answer):
    """What the LCD shows, worn and pale segments included."""

    text: str = Field(
        description="What the digits spell: empty when dark, `?` where no glyph fits.",
        examples=["755224"],
    )
    segments: list[int] = Field(
        description="Segments of each digit from the left: bit 0 is a (top), then clockwise"
        " b to f; bit 6 is g (middle).",
        examples=[[7, 109, 109, 91, 91, 102]],
    )
    bars: int = Field(description="Time bars that are lit.", examples=[0])
    bar_count: int = Field(description="Time bars that the product has; 0: none.", examples=[0])
    battery: bool = Field(description="Whether the battery sign is on.", examples=[False])
    battery_sign: bool = Field(description="Whether the product has one.", examples=[True])
    contrast: int = Field(
        description="Percent: 100 as it should be, 0 when nothing can be seen.", examples=[100]
    )
    lit: bool = Field(description="Whether any segment is on.", examples=[True])
    remaining_ns: int = Field(
        description="Bench time until it goes dark by itself; 0 if dark, or if it doesn't.",
        examples=[29_960_000_000],
    )
    sequence: Cursor
