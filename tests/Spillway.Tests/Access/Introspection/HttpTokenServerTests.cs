using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Spillway.Access;
using Spillway.Access.Introspection;

namespace Spillway.Tests.Access.Introspection;

/// <summary>The question as it goes over HTTP, and a hub's gate that asks it.</summary>
public sealed class HttpTokenServerTests : IAsyncLifetime
{
    private WebApplication? _server;
    private string _question = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Address => _server!.Urls.First();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapPost("/introspect", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            _question = $"{context.Request.ContentType}\n{context.Request.Headers.Authorization}\n{await reader.ReadToEndAsync(Cancellation)}";
            return _question.Contains("token=good", StringComparison.Ordinal) ? """{"active":true,"sub":"ann","spillway":{"subscribe":["a"]}}""" : """{"active":false}""";
        });
        _server.MapPost("/broken", static () => Results.StatusCode(500));
        _server.MapPost("/moved", static () => Results.Redirect("/introspect", preserveMethod: true));
        _server.MapPost("/more", static () => new string(' ', 2_000));
        await _server.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();

    [Fact]
    public async Task AskAsync_NameAndSecret_AreEncodedAsRfc6749HasIt()
    {
        using var server = Server("/introspect");

        var answer = await server.AskAsync("a+b/c=&d é", Cancellation);

        Assert.Equal("""{"active":false}""", Encoding.UTF8.GetString(answer.Content!));
        var lines = _question.Split('\n');
        Assert.Equal(("application/x-www-form-urlencoded", "token=a%2Bb%2Fc%3D%26d+%C3%A9&token_type_hint=access_token"), (lines[0], lines[2]));
        Assert.Equal("hub%3A1:s%3Acret+%C3%A9", Encoding.ASCII.GetString(Convert.FromBase64String(lines[1]["Basic ".Length..])));
    }

    [Theory]
    [InlineData("/broken", "answers 500; only 200 counts")]
    [InlineData("/moved", "answers 307; only 200 counts")]
    [InlineData("/more", "is longer than 1024 bytes")]
    public async Task AskAsync_NoAnswer_SaysWhy(string path, string fault)
    {
        using var server = Server(path);

        var answer = await server.AskAsync("a", Cancellation);

        Assert.Null(answer.Content);
        Assert.StartsWith(fault, answer.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskAsync_NobodyListens_SaysSo()
    {
        using var server = Server("/introspect");
        await _server!.StopAsync(Cancellation);

        Assert.StartsWith("cannot be reached: ", (await server.AskAsync("a", Cancellation)).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServeAsync_OpaqueTokens_AreAskedAboutAndSignedOnesAreNot()
    {
        await using var rig = new GateRig(access => Configure(access, Address + "/introspect"));
        await rig.ServeAsync("Bearer good");
        Assert.Equal(("ann", CredentialKind.Opaque), (rig.Served?.Subject, rig.Served?.Kind));
        Assert.True(rig.Gate.StillStands(rig.Served!));
        _question = "";
        rig.Ask();
        await rig.ServeAsync("Bearer " + GateRig.Token());
        Assert.Equal(("", CredentialKind.Token), (_question, rig.Served?.Kind));
        var opaque = rig.Served! with { Kind = CredentialKind.Opaque, Entry = Address + "/introspect" };
        rig.Reload();
        Assert.False(rig.Gate.StillStands(opaque));
    }

    [Fact]
    public async Task ServeAsync_InactiveToken_Is401()
    {
        await using var rig = new GateRig(access =>
        {
            Configure(access, Address + "/introspect");
            access.Anonymous.Subscribe.Add("**");
        });

        await rig.ServeAsync("Bearer bad.one");

        rig.AssertRefused(401, "invalid-token", "invalid-token", "invalid_token", "bad.one");
    }

    [Fact]
    public async Task ServeAsync_ServerIsOut_Is503WithATimeToComeAgain()
    {
        await using var rig = new GateRig(access =>
        {
            Configure(access, Address + "/broken");
            access.Anonymous.Subscribe.Add("**");
        });

        await rig.ServeAsync("Bearer good");

        Assert.Null(rig.Served);
        Assert.Equal((503, "5", ""), (rig.Status, rig.Context.Response.Headers.RetryAfter.ToString(), rig.Challenge));
        Assert.Contains("urn:spillway:problem:unavailable", rig.Answer, StringComparison.Ordinal);
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.refused_requests", "unavailable"));
    }

    public static TheoryData<string?, string?, string?, string?, string> Faulty => new()
    {
        { null, "hub", null, null, "Spillway:Access:Introspection has no Url" },
        { "http://login.example/i", "hub", "s", null, "Spillway:Access:Introspection:Url is \"http://login.example/i\", which is an http URL of another machine" },
        { "https://ann:secret@login.example/i", "hub", "s", null, "Spillway:Access:Introspection:Url is no https URL" },
        { "https://login.example/i", null, "s", null, "Spillway:Access:Introspection:ClientId is missing" },
        { "https://login.example/i", "hub", null, null, "Spillway:Access:Introspection has neither ClientSecret nor ClientSecretFile" },
        { "https://login.example/i", "hub", "s", "f", "Spillway:Access:Introspection has both ClientSecret and ClientSecretFile" },
        { "https://login.example/i", "hub", null, "/none/here", "Spillway:Access:Introspection:ClientSecretFile is \"/none/here\", which cannot be read" },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public void FindFaults_NobodyCouldBeAsked_IsTold(string? url, string? id, string? secret, string? file, string expected)
    {
        var options = new AccessOptions { Introspection = { Url = url, ClientId = id, ClientSecret = secret, ClientSecretFile = file } };

        var faults = AccessSetup.FindFaults(options);

        Assert.Contains(faults, fault => fault.StartsWith(expected, StringComparison.Ordinal));
        Assert.DoesNotContain(faults, static fault => fault.Contains("ann:", StringComparison.Ordinal));
    }

    private static void Configure(AccessOptions access, string url) =>
        (access.Introspection.Url, access.Introspection.ClientId, access.Introspection.ClientSecret) = (url, "hub", "secret");

    private HttpTokenServer Server(string path) =>
        new(new IntrospectionPlan(new IntrospectionOptions { ClientId = "hub:1", AnswerBytes = 1_024 }, new Uri(Address + path), "s:cret é"));
}
