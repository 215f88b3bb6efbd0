using Spillway.Access;
using Spillway.Access.Introspection;
using Spillway.Access.Tokens;
using Spillway.TestKit;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Access.Introspection;

public sealed class IntrospectorTests : IAsyncDisposable
{
    private const string Active = """{"active":true,"sub":"ann","jti":"7","iss":"https://login.example","scope":"a b","spillway":{"subscribe":["news/*"]}""";

    private readonly ManualTimeProvider _clock = new();
    private readonly MetricCollector _metrics = new();
    private readonly LogCollector _logs = new();
    private readonly ScriptedTokenServer _server = new();
    private readonly IntrospectionOptions _options = new() { Url = "https://login.example/introspect", Concurrency = 4, Entries = 10 };
    private Introspector? _introspector;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Introspector Introspector => _introspector ??= new Introspector(
        _options, _server, new SpillwayTicketReader(), new TokenLimits { TokenBytes = 300 }, new TokenMetrics(_metrics), _clock, _logs.CreateLogger("tokens"));

    public async ValueTask DisposeAsync()
    {
        await Introspector.DisposeAsync();
        await Introspector.DisposeAsync(); // Once more does nothing.
        Assert.True(_server.IsDisposed);
        _server.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task ValidateAsync_Active_GrantsWhatTheAnswerSays()
    {
        _server.Answer = $"{Active},\"exp\":{TokenRig.Seconds + 60}}}";

        var result = await CheckAsync("opaque");

        Assert.Equal(("ann", "7", "https://login.example", CredentialKind.Opaque), (result.Ticket!.Subject, result.Ticket.TokenId, result.Ticket.Issuer, result.Ticket.Kind));
        Assert.Equal((true, false), (result.Ticket.Subscribe.Allows("news/1"u8), result.Ticket.Publish.Allows("news/1"u8)));
        Assert.Equal(TokenRig.Now.AddSeconds(90), result.Ticket.Expires); // With the skew.
        Assert.Equal(1, _metrics.Sum("spillway.access.introspections", "active"));
    }

    [Theory]
    [InlineData("", nameof(TokenFault.None))]
    [InlineData(""","aud":"hub" """, nameof(TokenFault.Audience))]
    [InlineData(""","exp":1 """, nameof(TokenFault.Expired))]
    [InlineData(""","nbf":9000000000 """, nameof(TokenFault.NotYetValid))]
    [InlineData(""","exp":"soon" """, nameof(TokenFault.Claim))]
    public async Task ValidateAsync_ActiveAndYetNotGood_IsRefused(string more, string expected)
    {
        _server.Answer = Active + more + "}";

        Assert.Equal(expected, (await CheckAsync("opaque")).Fault.ToString());
    }

    [Fact]
    public async Task ValidateAsync_GrantsThatAreNone_AreRefused()
    {
        _server.Answer = """{"active":true,"spillway":{"subscribes":["a"]}}""";

        Assert.Equal(TokenFault.Grants, (await CheckAsync("opaque")).Fault);
    }

    [Fact]
    public async Task ValidateAsync_Audience_HasToBeThere()
    {
        _options.Audience = "hub";
        _server.Answer = Active + ""","aud":["other","hub"]}""";
        Assert.True((await CheckAsync("a")).IsGood);
        _server.Answer = Active + "}";

        Assert.Equal(TokenFault.Audience, (await CheckAsync("b")).Fault);
    }

    [Theory]
    [InlineData(null, "answers 500")]
    [InlineData("no JSON", "sends an answer that is not JSON")]
    [InlineData("{}", "whose active is neither true nor false")]
    [InlineData("""{"active":"true"}""", "whose active is neither true nor false")]
    [InlineData("""{"active":false,"active":true}""", "sends an answer that is not JSON with each member once")]
    public async Task ValidateAsync_NoAnswer_IsUnavailableAndNotRemembered(string? answer, string told)
    {
        _server.Answer = answer;

        Assert.Equal(TokenFault.Unavailable, (await CheckAsync("opaque")).Fault);
        Assert.Equal(TokenFault.Unavailable, (await CheckAsync("opaque")).Fault);

        Assert.Equal((2, 2, 2), (_server.Calls, _metrics.Sum("spillway.access.introspections", "failed"), _metrics.Sum("spillway.access.tokens", "unavailable")));
        Assert.Contains(told, Assert.Single(_logs.Lines).Text, StringComparison.Ordinal); // Once, not every time.
        _server.Answer = Active + "}";
        Assert.True((await CheckAsync("opaque")).IsGood);
        Assert.Equal(6004, _logs.Lines[^1].Id);
    }

    [Fact]
    public async Task ValidateAsync_Late_IsUnavailable()
    {
        _server.Waits = true;
        var check = CheckAsync("opaque");
        await _clock.WaitForTimerAsync(_options.Timeout, Cancellation);

        _clock.Advance(_options.Timeout);

        Assert.Equal(TokenFault.Unavailable, (await check).Fault);
        Assert.Contains("did not answer within 5 s", Assert.Single(_logs.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_ManyAtOnce_ShareOneQuestion()
    {
        (_server.Waits, _server.Answer) = (true, Active + "}");
        using var leaving = new CancellationTokenSource();
        var left = Introspector.ValidateAsync("opaque", leaving.Token).AsTask();
        var checks = Enumerable.Range(0, 20).Select(_ => CheckAsync("opaque")).ToArray();

        await leaving.CancelAsync();
        _server.Release();

        Assert.All(await Task.WhenAll(checks), static result => Assert.True(result.IsGood));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal(1, _server.Calls);
    }

    [Fact]
    public async Task ValidateAsync_TooManyQuestions_AreUnavailable()
    {
        (_server.Waits, _server.Answer) = (true, Active + "}");
        var checks = Enumerable.Range(0, 5).Select(i => CheckAsync($"opaque-{i}")).ToArray();

        Assert.Equal(TokenFault.Unavailable, (await checks[4]).Fault);
        Assert.Equal(1, _metrics.Sum("spillway.access.introspections", "busy"));
        _server.Release(4);
        Assert.All(await Task.WhenAll(checks[..4]), static result => Assert.True(result.IsGood));
    }

    [Fact]
    public async Task ValidateAsync_Remembered_ForSoLongAndNeverBeyondItsEnd()
    {
        _options.Skew = TimeSpan.Zero;
        _server.Answer = Active + "}";
        await CheckAsync("long");
        _server.Answer = $"{Active},\"exp\":{TokenRig.Seconds + 10}}}";
        await CheckAsync("short");
        _server.Answer = """{"active":false}""";
        await CheckAsync("bad");
        Assert.Equal(3, _server.Calls);

        _clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.Equal((true, true, TokenFault.Inactive, 3), ((await CheckAsync("long")).IsGood, (await CheckAsync("short")).IsGood, (await CheckAsync("bad")).Fault, _server.Calls));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((TokenFault.Inactive, 4), ((await CheckAsync("bad")).Fault, _server.Calls)); // Asked again.
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((true, TokenFault.Inactive, 5), ((await CheckAsync("long")).IsGood, (await CheckAsync("short")).Fault, _server.Calls));
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((TokenFault.Inactive, 6), ((await CheckAsync("long")).Fault, _server.Calls));
        Assert.Equal(3, _metrics.Sum("spillway.access.tokens", "cached"));
    }

    [Fact]
    public async Task ValidateAsync_ManyMadeUp_DriveNoGoodOneOut()
    {
        _server.Answer = Active + "}";
        await CheckAsync("good");
        _server.Answer = """{"active":false}""";
        for (var i = 0; i < 100; i++)
        {
            await CheckAsync($"bad-{i}");
        }

        Assert.True((await CheckAsync("good")).IsGood);
        Assert.Equal(101, _server.Calls);
        Assert.True(_metrics.Sum("spillway.access.evicted_tokens") > 80);
    }

    [Fact]
    public async Task ValidateAsync_TooLong_IsAskedAboutToNobody()
    {
        Assert.Equal(TokenFault.TooLarge, (await CheckAsync(new string('x', 301))).Fault);
        Assert.Equal(0, _server.Calls);
    }

    [Fact]
    public async Task DisposeAsync_AQuestionIsUnderWay_EndsIt()
    {
        _server.Waits = true;
        var check = CheckAsync("opaque");

        await Introspector.DisposeAsync();

        Assert.Equal(TokenFault.Unavailable, (await check).Fault);
        Assert.Equal(TokenFault.Unavailable, (await CheckAsync("other")).Fault);
    }

    private Task<TokenResult> CheckAsync(string token) => Introspector.ValidateAsync(token, Cancellation).AsTask();
}
