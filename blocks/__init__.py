"""Credentials, sealed, as Prefect blocks.

Importing this package is light: `blocks.keyring` and `blocks.envelope` know no Prefect. `blocks.collection` is what
Prefect loads (entry point `prefect.collections`): it imports every block class, which registers them.
"""
