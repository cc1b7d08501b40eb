"""What the benchmarks of a message's whole way are made of (`test_road`, `test_drain`,
`test_stages`)."""
