"""The front door: commands, settings, the night, the pages people use."""
