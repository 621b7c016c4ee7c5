"""What onrecord costs: measured beside a yardstick in the same run, for docs/performance.md (`make bench`)."""
