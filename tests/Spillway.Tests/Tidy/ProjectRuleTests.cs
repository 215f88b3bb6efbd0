namespace Spillway.Tests.Tidy;

public sealed class ProjectRuleTests
{
    [Theory]
    [InlineData("Spillway.Client", "Spillway")]
    [InlineData("Spillway", "Spillway.Client")]
    [InlineData("Spillway.Lab", "Spillway")]
    [InlineData("Spillway.Backplane.Redis", "Spillway.Client")]
    public void Check_ReferenceAcross_IsOneFault(string project, string used)
    {
        Assert.Single(ProjectRule.Check($"src/{project}/{project}.csproj", $"""<ProjectReference Include="../{used}/{used}.csproj" />"""));
    }

    [Theory]
    [InlineData("src/Spillway.Cli/Spillway.Cli.csproj", "Spillway.Client")]
    [InlineData("src/Spillway.Ops/Spillway.Ops.csproj", "Spillway")]
    [InlineData("tests/Spillway.TestKit/Spillway.TestKit.csproj", "Spillway.Client")]
    public void Check_WhatTheTableAllows_IsNoFault(string path, string used)
    {
        Assert.Empty(ProjectRule.Check(path, $"""<ProjectReference Include="../{used}/{used}.csproj" />"""));
    }

    [Fact]
    public void Repository_EveryProject_RefersToTheMiddle()
    {
        Repository.ShouldBeTidy(Repository.Files.SelectMany(static file => ProjectRule.Check(file.Path, file.Text)));
    }
}
