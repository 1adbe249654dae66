"""What comes from outside: UCDP, ACLED, GDELT, any table by a mapping, and a ledger's own exports."""

from longreach.ledger.imports.run import Choices, Imported, import_file, read_incidents

__all__ = ["Choices", "Imported", "import_file", "read_incidents"]
