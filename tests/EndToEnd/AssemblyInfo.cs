// Formations of several processes each: one after the other, so that they do not take each other's processor.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
