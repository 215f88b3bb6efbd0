namespace Spillway.Tests;

public sealed class ScaffoldTests
{
    [Fact]
    public void Options_Default_HaveNoRules()
    {
        Assert.Empty(new SpillwayOptions().Rules);
    }
}
