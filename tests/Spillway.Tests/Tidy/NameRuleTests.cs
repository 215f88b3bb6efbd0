namespace Spillway.Tests.Tidy;

public sealed class NameRuleTests
{
    [Theory]
    [InlineData("class WindowManager;")]
    [InlineData("static class TopicUtils { }")]
    [InlineData("interface IPublishService { }")]
    [InlineData("record EventData(int A);")]
    [InlineData("class A { struct NodeInfo { } }")]
    [InlineData("delegate void StrandProcessor();")]
    public void Check_BannedSuffix_IsOneFault(string text)
    {
        Assert.Single(NameRule.Check("src/A.cs", text));
    }

    [Theory]
    [InlineData("class Window { int TopicData; }")]
    [InlineData("class Information { }")]
    [InlineData("class Database { }")]
    public void Check_OtherName_IsNoFault(string text)
    {
        Assert.Empty(NameRule.Check("src/A.cs", text));
    }

    [Fact]
    public void Repository_EveryType_HasANameThatSaysSomething()
    {
        Repository.ShouldBeTidy(Repository.Code.SelectMany(static file => NameRule.Check(file.Path, file.Text)));
    }
}
