namespace Spillway.Tests.Tidy;

public sealed class QuoteRuleTests
{
    private static readonly string[] Samples = ["using Spillway;\n\nvar a = 1;\nvar b = 2;\n", "Run();\n"];

    [Theory]
    [InlineData("```csharp\nvar a = 1;\nvar b = 3;\n```\n")]
    [InlineData("```csharp\nvar a = 1;\nRun();\n```\n")]
    [InlineData("```csharp\nRun();\n```\n\n```cs\nStop();\n```\n")]
    public void Check_LinesThatNoSampleHas_AreAFault(string text)
    {
        Assert.Single(QuoteRule.Check("README.md", text, Samples));
    }

    [Theory]
    [InlineData("```csharp\nvar a = 1;\nvar b = 2;\n```\n")]
    [InlineData("```js\nStop();\n```\n\n```csharp\nRun();\n```\n")]
    public void Check_LinesOfASample_AreNone(string text)
    {
        Assert.Empty(QuoteRule.Check("README.md", text, Samples));
    }

    [Fact]
    public void Repository_EveryBlockOfCSharp_IsQuotedFromASample()
    {
        var samples = Repository.Code.Where(static file => file.Path.StartsWith("samples/", StringComparison.Ordinal)).Select(static file => file.Text).ToList();

        Repository.ShouldBeTidy(Repository.Files.Where(static file => DocumentRule.Covers(file.Path)).SelectMany(file => QuoteRule.Check(file.Path, file.Text, samples)));
    }
}
