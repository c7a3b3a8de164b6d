"""One machine: the parts that `opsconductor up` starts, watches and stops."""
