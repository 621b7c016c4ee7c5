"""The newsroom: loopback web sites in the shape of real ones, with invented articles, for the demo and the tests."""

from onrecord.newsroom.server import Newsroom, Request
from onrecord.newsroom.sites import Expected

__all__ = ["Expected", "Newsroom", "Request"]
