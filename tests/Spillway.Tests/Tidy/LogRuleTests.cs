namespace Spillway.Tests.Tidy;

public sealed class LogRuleTests
{
    [Theory]
    [InlineData("src/Spillway/Ingress/A.Log.cs", "[LoggerMessage(2001, LogLevel.Trace, \"B\")]")]
    [InlineData("src/Spillway/Hub/A.Log.cs", "[LoggerMessage(EventId = 4000, Level = LogLevel.Trace)]")]
    [InlineData("src/Spillway/Hub/A.Log.cs", "[LoggerMessage(LogLevel.Trace, \"B\")]")]
    [InlineData("src/Spillway/Hub/A.Log.cs", "[LoggerMessage(Ids.Hub + 1, LogLevel.Trace, \"B\")]")]
    [InlineData("src/Spillway/Hub/A.cs", "[LoggerMessage(3000, LogLevel.Trace, \"B\")]")]
    [InlineData("src/Spillway/Elsewhere/A.Log.cs", "[LoggerMessage(3000, LogLevel.Trace, \"B\")]")]
    public void Check_IdOrFileNotOfTheFolder_IsOneFault(string path, string attribute)
    {
        Assert.Single(LogRule.Check([new SourceFile(path, $"class A {{ {attribute} partial void B(); }}")]));
    }

    [Fact]
    public void Check_IdTwice_IsOneFaultThatNamesTheFirst()
    {
        const string Text = "class A { [LoggerMessage(3001, LogLevel.Trace, \"B\")] partial void B(); }";

        var faults = LogRule.Check([new SourceFile("src/Spillway/Hub/A.Log.cs", Text), new SourceFile("src/Spillway/Hub/B.Log.cs", Text)]);

        Assert.Equal("src/Spillway/Hub/B.Log.cs:1: The id 3001 is taken by src/Spillway/Hub/A.Log.cs:1.", Assert.Single(faults).ToString());
    }

    [Theory]
    [InlineData("src/Spillway/Transports/Sse/A.Log.cs", "[LoggerMessage(5_999, LogLevel.Trace, \"B\")]")]
    [InlineData("src/Spillway/Spillway.Log.cs", "[LoggerMessage(EventId = 10_000, Level = LogLevel.Trace)]")]
    [InlineData("src/Spillway.Cli/A.cs", "[LoggerMessage(LogLevel.Trace, \"B\")]")]
    public void Check_IdInItsRange_IsNoFault(string path, string attribute)
    {
        Assert.Empty(LogRule.Check([new SourceFile(path, $"class A {{ {attribute} partial void B(); }}")]));
    }

    [Fact]
    public void Repository_EveryLogEvent_HasItsOwnId()
    {
        Repository.ShouldBeTidy(LogRule.Check(Repository.Code));
    }
}
