namespace Spillway.Tests.Tidy;

public sealed class FolderRuleTests
{
    [Theory]
    [InlineData("src/Spillway/Events/A.cs", "namespace Spillway.Hub;")]
    [InlineData("src/Spillway/Transports/Sse/A.cs", "namespace Spillway.Transports;")]
    [InlineData("tests/Spillway.Tests/Events/A.cs", "namespace Spillway.Events;")]
    [InlineData("src/Spillway/Events/A.cs", "using Spillway.Hub;\nnamespace Spillway.Events;")]
    [InlineData("src/Spillway/Events/A.cs", "using static Spillway.Hub.PushHub;\nnamespace Spillway.Events;")]
    [InlineData("src/Spillway/Ingress/A.cs", "using Spillway.Transports.Sse;\nnamespace Spillway.Ingress;")]
    [InlineData("src/Spillway/Operations/A.cs", "using Spillway.Mercure;\nnamespace Spillway.Operations;")]
    [InlineData("src/Spillway/Delivery/A.cs", "namespace Spillway.Delivery;\nclass A { Hub.PushHub? _hub; }")]
    [InlineData("src/Spillway/Delivery/A.cs", "namespace Spillway.Delivery;\nclass A { int B() => Spillway.Hub.PushHub.C(); }")]
    [InlineData("src/Spillway/Elsewhere/A.cs", "namespace Spillway.Elsewhere;")]
    public void Check_WrongNamespaceOrUse_IsOneFault(string path, string text)
    {
        Assert.Single(FolderRule.Check(path, text));
    }

    [Theory]
    [InlineData("src/Spillway/AddSpillway.cs", "using Spillway.Ingress;\nnamespace Spillway;")]
    [InlineData("src/Spillway/Hub/A.cs", "using Spillway.Delivery;\nusing Spillway.Diagnostics;\nnamespace Spillway.Hub;")]
    [InlineData("src/Spillway/Mercure/A.cs", "using Spillway.Ingress;\nusing Spillway.Hub;\nusing Spillway.Backplane;\nnamespace Spillway.Mercure;")]
    [InlineData("src/Spillway/Transports/Sse/A.cs", "using Spillway.Transports.Hosted;\nnamespace Spillway.Transports.Sse;")]
    [InlineData("src/Spillway.Cli/Serve/A.cs", "using Spillway.Hub;\nnamespace Spillway.Cli.Serve;")]
    [InlineData("src/Spillway/Delivery/A.cs", "namespace Spillway.Delivery;\nclass A { int B() => Hub.C(); object Hub; }")]
    [InlineData("bench/peers/kestrel/A.cs", "namespace Peer;")]
    public void Check_WhatTheTableAllows_IsNoFault(string path, string text)
    {
        Assert.Empty(FolderRule.Check(path, text));
    }

    [Fact]
    public void Repository_EveryFile_IsInItsPlace()
    {
        Repository.ShouldBeTidy(Repository.Code.SelectMany(static file => FolderRule.Check(file.Path, file.Text)));
    }
}
