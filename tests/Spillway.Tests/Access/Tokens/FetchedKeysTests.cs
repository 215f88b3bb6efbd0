using System.Security.Cryptography;
using System.Text;
using Spillway.Access.Tokens;
using Spillway.TestKit;

namespace Spillway.Tests.Access.Tokens;

public sealed class FetchedKeysTests : IAsyncDisposable
{
    private static readonly KeySetLimits Limits = new();

    private readonly ManualTimeProvider _clock = new();
    private readonly MetricCollector _metrics = new();
    private readonly LogCollector _logs = new();
    private readonly ScriptedFetcher _fetcher = new();
    private readonly FetchedKeys _keys;
    private readonly TokenValidator _validator;

    public FetchedKeysTests()
    {
        var metrics = new TokenMetrics(_metrics);
        var reader = new KeySetReader(new JwkReader(new KeyMaker(SignatureAlgorithm.All), takesSecrets: false), Limits);
        _keys = new FetchedKeys(TestKeys.Issuer, _fetcher, reader, Limits, metrics, _clock, _logs.CreateLogger("keys"));
        _validator = new TokenValidator([TokenRig.Issuer(TestKeys.Issuer) with { Keys = [_keys] }], new TokenLimits(), 100, metrics, _clock);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _validator.DisposeAsync();
        Assert.True(_fetcher.IsDisposed);
        await _keys.DisposeAsync(); // Once more does nothing.
        _fetcher.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task ValidateAsync_FirstToken_FetchesTheKeys()
    {
        Publish("a");

        Assert.Equal(TokenFault.None, await CheckAsync("a"));
        Assert.Equal(TokenFault.None, await CheckAsync("a"));
        Assert.Equal(1, _fetcher.Calls);
    }

    [Fact]
    public async Task ValidateAsync_UnknownKid_FetchesAtMostOncePerInterval()
    {
        Publish("a");
        await CheckAsync("a");
        Publish("a", "b");

        Assert.Equal(TokenFault.Key, await CheckAsync("b")); // Too soon.
        Assert.Equal(1, _fetcher.Calls);
        _clock.Advance(Limits.Interval);
        Assert.Equal(TokenFault.None, await CheckAsync("b"));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(TokenFault.Key, await CheckAsync($"forged-{i}"));
        }

        Assert.Equal(2, _fetcher.Calls);
        Assert.Equal((51, 2), (_metrics.Sum("spillway.access.key_fetches", "too-soon"), _metrics.Sum("spillway.access.key_fetches", "changed")));
    }

    [Fact]
    public async Task ValidateAsync_ManyAtOnce_ShareOneFetch()
    {
        (_fetcher.Waits, _fetcher.Content) = (true, SetOf("a"));
        var checks = Enumerable.Range(0, 20).Select(_ => CheckAsync("a")).ToArray();

        _fetcher.Answer();

        Assert.All(await Task.WhenAll(checks), static fault => Assert.Equal(TokenFault.None, fault));
        Assert.Equal(1, _fetcher.Calls);
    }

    [Fact]
    public async Task ValidateAsync_KeyTakenBack_IsRefusedOnceTheSetIsOld()
    {
        Publish("a", "b");
        await CheckAsync("a");
        Publish("b");

        Assert.Equal(TokenFault.None, await CheckAsync("a"));
        _clock.Advance(Limits.MaxAge);
        await CheckAsync("a"); // Begins a look in the background, and still has the old keys.
        await _keys.RefreshAsync(Cancellation);

        Assert.Equal(TokenFault.Key, await CheckAsync("a"));
        Assert.Equal(TokenFault.None, await CheckAsync("b"));
    }

    [Fact]
    public async Task ValidateAsync_IssuerIsOut_KeepsItsKeysForSoLong()
    {
        Publish("a");
        await CheckAsync("a");
        _fetcher.Content = null;

        for (var hours = 0; hours < 23; hours++)
        {
            _clock.Advance(TimeSpan.FromHours(1));
            await _keys.RefreshAsync(Cancellation);
            Assert.Equal(TokenFault.None, await CheckAsync("a"));
        }

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TokenFault.Unavailable, await CheckAsync("a"));
        Assert.Single(_logs.Lines, static line => line.Text.Contains("could not be looked for: https://issuer.example/keys answers 503.", StringComparison.Ordinal)); // Once, not every time.
        Publish("a");
        _clock.Advance(Limits.Interval);
        Assert.Equal(TokenFault.None, await CheckAsync("a"));
        Assert.True(_metrics.Sum("spillway.access.key_fetches", "failed") >= 23);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("""{"keys":7}""")]
    [InlineData("")]
    public async Task ValidateAsync_SetCannotBeRead_KeepsTheOldOne(string content)
    {
        Publish("a");
        await CheckAsync("a");
        _fetcher.Content = content;
        _clock.Advance(Limits.MaxAge);

        await _keys.RefreshAsync(Cancellation);

        Assert.Equal(TokenFault.None, await CheckAsync("a"));
        Assert.Equal(1, _metrics.Sum("spillway.access.key_fetches", "failed"));
    }

    [Fact]
    public async Task ValidateAsync_EmptySet_TakesAllKeysBack()
    {
        Publish("a");
        await CheckAsync("a");
        Publish();
        _clock.Advance(Limits.MaxAge);

        Assert.True(await _keys.RefreshAsync(Cancellation));

        Assert.Equal(TokenFault.Key, await CheckAsync("a"));
    }

    [Fact]
    public async Task ValidateAsync_OtherKeysWithoutNames_DoNotHideThatOneIsNew()
    {
        Publish("a");
        _fetcher.Content = _fetcher.Content!.Replace("\"kid\":\"a\",", "", StringComparison.Ordinal).Replace(Coordinate(TestKeys.P256), Coordinate(TestKeys.OtherP256), StringComparison.Ordinal)
            .Replace(Coordinate(TestKeys.P256, y: true), Coordinate(TestKeys.OtherP256, y: true), StringComparison.Ordinal);
        Assert.Equal(TokenFault.Key, await CheckAsync("b")); // Signed by another; "b" may be to come.
        Assert.Equal(TokenFault.Signature, await CheckAsync(null));
        Publish("b");
        _clock.Advance(Limits.Interval);

        Assert.Equal(TokenFault.None, await CheckAsync(null)); // A token that names no key asks for newer ones, too.
        Assert.Equal(TokenFault.None, await CheckAsync("b"));
        Assert.Equal(2, _fetcher.Calls);
    }

    [Fact]
    public async Task RefreshAsync_SameBytes_IsTheSameSet()
    {
        Publish("a");
        await CheckAsync("a");
        var before = _keys.GetKeys();
        _clock.Advance(Limits.MaxAge);

        Assert.False(await _keys.RefreshAsync(Cancellation));

        Assert.Same(before, _keys.GetKeys());
        Assert.Equal(1, _metrics.Sum("spillway.access.key_fetches", "unchanged"));
    }

    [Fact]
    public async Task RefreshAsync_IssuerDoesNotAnswer_GivesUpInTime()
    {
        _fetcher.Waits = true;
        var check = CheckAsync("a");
        await _clock.WaitForTimerAsync(Limits.Timeout, Cancellation);

        _clock.Advance(Limits.Timeout);

        Assert.Equal(TokenFault.Unavailable, await check);
        Assert.Equal(TokenFault.Unavailable, await CheckAsync("a")); // Too soon to ask again.
        Assert.Contains(_logs.Lines, static line => line.Text.Contains("did not answer within 5 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RefreshAsync_CallerLeaves_TheLookGoesOnForOthers()
    {
        (_fetcher.Waits, _fetcher.Content) = (true, SetOf("a"));
        using var leaving = new CancellationTokenSource();
        var (left, stays) = (_keys.RefreshAsync(leaving.Token).AsTask(), _keys.RefreshAsync(Cancellation).AsTask());

        await leaving.CancelAsync();
        _fetcher.Answer();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.True(await stays);
    }

    [Fact]
    public async Task DisposeAsync_WhileTheIssuerIsAsked_EndsTheLook()
    {
        _fetcher.Waits = true;
        var refresh = _keys.RefreshAsync(Cancellation).AsTask();

        await _keys.DisposeAsync();

        Assert.False(await refresh);
        Assert.False(await _keys.RefreshAsync(Cancellation));
    }

    private static string SetOf(params string[] ids) => $$"""{"keys":[{{string.Join(',', ids.Select(static id => TestKeys.JwkOf(TestKeys.P256, id)))}}]}""";

    private void Publish(params string[] ids) => _fetcher.Content = SetOf(ids);

    private static string Coordinate(ECDsa key, bool y = false)
    {
        var point = key.ExportParameters(false).Q;
        return TestKeys.Encode((y ? point.Y : point.X)!);
    }

    private async Task<TokenFault> CheckAsync(string? kid)
    {
        var payload = $$"""{"iss":"{{TestKeys.Issuer}}","jti":"{{kid ?? "none"}}"}""";
        var token = TestKeys.Make("ES256", payload, kid is null ? """{"alg":"ES256"}""" : $$"""{"alg":"ES256","kid":"{{kid}}"}""");
        return (await _validator.ValidateAsync(Encoding.ASCII.GetBytes(token), Cancellation)).Fault;
    }
}
