"""Parts of the benchmarks of a message's whole way: `test_road`, `test_drain`, `test_stages`."""
