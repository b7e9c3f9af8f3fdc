"""The maps of the network, drawn on the server from plain rows."""

from .area import AreaMap, area_map
from .members import MapArea, MapMember
from .network import NetworkMap, network_map

__all__ = ["AreaMap", "MapArea", "MapMember", "NetworkMap", "area_map", "network_map"]
