"""The resources of a portal, a file each."""
