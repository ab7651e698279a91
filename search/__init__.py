"""The library: embeds, stores, ranks and maps; knows no file formats and no surfaces."""
