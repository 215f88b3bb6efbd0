namespace Spillway.Tests.Tidy;

public sealed class MarkRuleTests
{
    // In two pieces, so that this file keeps the rule that it tests.
    private const string Mark = "TO" + "DO";

    [Theory]
    [InlineData($"// {Mark}: later")]
    [InlineData($"// {Mark} 12")]
    [InlineData("class A\n{\n    #" + "region B")]
    public void Check_MarkWithoutIssueOrRegion_IsOneFault(string text)
    {
        Assert.Single(MarkRule.Check("src/A.cs", text));
    }

    [Theory]
    [InlineData($"// {Mark} (#12): later")]
    [InlineData($"// {Mark}: #12")]
    [InlineData("// The region of the map.")]
    public void Check_MarkWithIssue_IsNoFault(string text)
    {
        Assert.Empty(MarkRule.Check("src/A.cs", text));
    }

    [Fact]
    public void Repository_EveryMark_HasItsIssue()
    {
        Repository.ShouldBeTidy(Repository.Files
            .Where(static file => !file.Path.EndsWith($"{nameof(MarkRule)}.cs", StringComparison.Ordinal))
            .SelectMany(static file => MarkRule.Check(file.Path, file.Text)));
    }
}
