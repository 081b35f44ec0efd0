"""From downloads to submitted/."""
