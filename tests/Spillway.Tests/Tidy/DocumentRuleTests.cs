namespace Spillway.Tests.Tidy;

public sealed class DocumentRuleTests
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "PushEvent", "IBackplane" };

    [Theory]
    [InlineData("The `PushHappening` is published.")]
    [InlineData("```csharp\nvar a = 1;\n```\nThen `IBus` carries it.")]
    [InlineData("`PushEvent` and `BackplaneOptions`")]
    public void Check_NameNobodyDeclares_IsOneFault(string text)
    {
        Assert.Single(DocumentRule.Check("docs/a.md", text, Known));
    }

    [Fact]
    public void Check_BelowABlock_NamesTheLineOfThePage()
    {
        var faults = DocumentRule.Check("docs/a.md", "```\n`InACode`\n```\n\n`InProse`", Known);

        Assert.Equal(5, Assert.Single(faults).Line);
    }

    [Theory]
    [InlineData("`PushEvent` by `IBackplane`")]
    [InlineData("`EventSource`, `SSE`, `Accept`, `Last-Event-ID`, `Limits:EventBytes`, `contentType`, PushHappening")]
    [InlineData("```csharp\n`PushHappening`\n```")]
    public void Check_KnownOrNoTypeName_IsNoFault(string text)
    {
        Assert.Empty(DocumentRule.Check("docs/a.md", text, Known));
    }

    [Fact]
    public void Declared_CSharp_NamesTypesAndMembers()
    {
        const string Text = "record A(int B) { const int C = 1; int D { get; } void E() { } enum F { G } } delegate void H();";

        Assert.Equal(["A", "B", "C", "D", "E", "F", "G", "H"], DocumentRule.Declared("a.cs", Text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Repository_EveryNameInProse_Exists()
    {
        var known = Repository.Files.SelectMany(static file => DocumentRule.Declared(file.Path, file.Text)).ToHashSet(StringComparer.Ordinal);

        Repository.ShouldBeTidy(Repository.Files.Where(static file => DocumentRule.Covers(file.Path))
            .SelectMany(file => DocumentRule.Check(file.Path, file.Text, known)));
    }
}
