"""From the files of a submission to the notebook that is graded."""
