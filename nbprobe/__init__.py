"""What a student's kernel needs of the engine: probes, comparison, tables of findings."""
