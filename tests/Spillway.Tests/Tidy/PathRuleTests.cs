namespace Spillway.Tests.Tidy;

public sealed class PathRuleTests
{
    // In two pieces, so that this file keeps the rule that it tests.
    [Theory]
    [InlineData("cd /ho" + "me/somebody/spillway")]
    [InlineData("const string Log = \"/tm" + "p/log\";")]
    [InlineData("C:\\Use" + "rs\\somebody")]
    public void Check_PathOfAMachine_IsOneFault(string text)
    {
        Assert.Single(PathRule.Check("docs/a.md", text));
    }

    [Theory]
    [InlineData("https://example.com/ho" + "me/kitchen")]
    [InlineData("/var/lib/spillway and /usr/sbin")]
    [InlineData("./wo" + "rk/it/out")]
    public void Check_OtherPath_IsNoFault(string text)
    {
        Assert.Empty(PathRule.Check("docs/a.md", text));
    }

    [Fact]
    public void Repository_NoFile_NamesAMachine()
    {
        Repository.ShouldBeTidy(Repository.Files.SelectMany(static file => PathRule.Check(file.Path, file.Text)));
    }
}
