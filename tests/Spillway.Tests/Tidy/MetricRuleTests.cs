namespace Spillway.Tests.Tidy;

public sealed class MetricRuleTests
{
    private const string Page = "| `spillway.hub.events` | events |";

    [Theory]
    [InlineData("meter.CreateCounter<long>(\"spillway.hub.event\");")]
    [InlineData("meter?.CreateHistogram<double>(\"spillway.hub.duration\", unit: \"s\");")]
    [InlineData("meter.CreateObservableGauge(\"spillway.hub.gauge\", () => 1);")]
    [InlineData("meter.CreateCounter<long>(Names.Events);")]
    public void Check_MetricNotOnThePage_IsOneFault(string text)
    {
        Assert.Single(MetricRule.Check("src/Spillway/Hub/A.cs", text, Page));
    }

    [Theory]
    [InlineData("src/Spillway/Hub/A.cs", "meter.CreateCounter<long>(\"spillway.hub.events\", unit: \"{event}\");")]
    [InlineData("tests/Spillway.Tests/A.cs", "meter.CreateCounter<long>(\"test\");")]
    [InlineData("src/Spillway/Hub/A.cs", "factory.Create(\"Spillway.Hub\");")]
    public void Check_MetricOnThePage_IsNoFault(string path, string text)
    {
        Assert.Empty(MetricRule.Check(path, text, Page));
    }

    [Fact]
    public void Repository_EveryMetric_IsExplainedToOperators()
    {
        var page = Repository.Files.FirstOrDefault(static file => file.Path == MetricRule.Page)?.Text ?? "";

        Repository.ShouldBeTidy(Repository.Code.SelectMany(file => MetricRule.Check(file.Path, file.Text, page)));
    }
}
