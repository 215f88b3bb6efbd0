namespace Spillway.Tests.Hub;

/// <summary>Tests that measure the process: they run when no other does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
