namespace Spillway.Tests.Tidy;

public sealed class ReadmeRuleTests
{
    [Theory]
    [InlineData("src/Spillway.Lab/Spillway.Lab.csproj", "src/Spillway.Lab/README.md")]
    [InlineData("src/Spillway.Lab/Loads/Load.cs", "src/Spillway.Lab/README.md")]
    public void Check_ProjectWithoutReadme_IsOneFault(string path, string missing)
    {
        Assert.Equal(missing, Assert.Single(ReadmeRule.Check([new SourceFile(path, "")])).Path);
    }

    [Fact]
    public void Check_StageWithoutReadme_IsOneFault()
    {
        var faults = ReadmeRule.Check([new SourceFile("src/Spillway/Transports/Sse/A.cs", ""), new SourceFile("src/Spillway/README.md", "")]);

        Assert.Equal("src/Spillway/Transports/README.md", Assert.Single(faults).Path);
    }

    [Theory]
    [InlineData(12, 0)]
    [InlineData(13, 1)]
    public void Check_LongReadme_IsAFaultAboveTheLimit(int lines, int expected)
    {
        var readme = new SourceFile("src/Spillway/README.md", string.Concat(Enumerable.Repeat("A\n", lines)));

        Assert.Equal(expected, ReadmeRule.Check([readme, new SourceFile("src/Spillway/Spillway.csproj", "")]).Count());
    }

    [Fact]
    public void Repository_EveryProjectAndStage_SaysWhatItIs()
    {
        Repository.ShouldBeTidy(ReadmeRule.Check(Repository.Files));
    }
}
