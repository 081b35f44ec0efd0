"""What came of it: gradebook, table, report, exports, feedback."""
