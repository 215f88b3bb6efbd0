namespace Spillway.Tests.Tidy;

public sealed class SizeRuleTests
{
    [Theory]
    [InlineData("", "//\n", 301, "")]
    [InlineData("class A { void B() {\n", "C();\n", 69, "} }")]
    [InlineData("class A { A() {\n", "C();\n", 69, "} }")]
    [InlineData("class A { int B { get {\n", "C();\n", 69, "} } }")]
    [InlineData("class A { object B() =>\n", "1 +\n", 69, "1; }")]
    [InlineData("", "C();\n", 71, "")]
    public void Check_OneLineTooMany_IsOneFault(string before, string line, int count, string after)
    {
        var text = before + string.Concat(Enumerable.Repeat(line, count)) + after;

        Assert.Single(SizeRule.Check("src/A.cs", text));
    }

    [Theory]
    [InlineData("", "//\n", 300, "")]
    [InlineData("class A { void B() {\n", "C();\n", 68, "} }")]
    [InlineData("class A\n{\n", "/// Above.\n", 100, "void B() { } }")]
    [InlineData("", "C();\n", 70, "")]
    public void Check_AtTheLimit_IsNoFault(string before, string line, int count, string after)
    {
        var text = before + string.Concat(Enumerable.Repeat(line, count)) + after;

        Assert.Empty(SizeRule.Check("src/A.cs", text));
    }

    [Fact]
    public void Repository_EveryFile_FitsAScreenOrTwo()
    {
        Repository.ShouldBeTidy(Repository.Code.SelectMany(static file => SizeRule.Check(file.Path, file.Text)));
    }
}
