// Each test runs three processes and measures time: side by side they would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
