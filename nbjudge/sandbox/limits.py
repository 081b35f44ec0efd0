"""What one submission may use."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """All processes of a submission count together, but for ``address_space``."""

    cell_seconds: float = 30
    notebook_seconds: float = 300
    memory: int = 2048
    """MiB of memory"""
    address_space: int = 6144
    """MiB that each process may reserve"""
    processes: int = 64
    file: int = 64
    """MiB of the largest file"""
    disk: int = 64
    """MiB in each of the folders that it can write to"""
    reserve: int = 256
    """MiB that the machine must have left; if less, the submission ends"""
    output: int = 4
    """MiB of output per cell"""
