using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Access.Tokens;
using Spillway.TestKit;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Access;

/// <summary>A gate with an issuer and two API keys, and one request to it.</summary>
internal sealed class GateRig : RequestRig<AccessTicket>
{
    public const string Key = "spk_0123456789abcdef0123456789abcdef";
    public const string OperatorKey = "spk_fedcba9876543210fedcba9876543210";

    private const string Secret = "0123456789abcdef0123456789abcdef";

    private readonly DateTimeOffset _begun = new ManualTimeProvider().GetUtcNow();
    private readonly AccessGate _gate;

    public GateRig(Action<AccessOptions>? change = null, IAccessCallback? callback = null)
    {
        var options = Configure(change);
        Revocations = new Revocations(options.Access.Revocations, null, Clock);
        _gate = new AccessGate(Options.Create(options), Journal, Revocations, new TokenMetrics(Metrics), Clock, Logs.For<AccessGate>(), callback);
    }

    public Revocations Revocations { get; }

    public AccessGate Gate => _gate;

    public static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>A token of the rig's issuer, good for a minute, with more claims.</summary>
    public static string Token(string more = "", string secret = Secret) =>
        TestKeys.Join("""{"alg":"HS256"}""", TokenRig.Payload(more), signed => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));

    /// <summary>What the rig begins with, changed.</summary>
    public SpillwayOptions Configure(Action<AccessOptions>? change)
    {
        var options = new SpillwayOptions();
        var access = options.Access;
        access.Mode = AccessMode.Tokens;
        access.Issuers.Add(new IssuerOptions { Issuer = TestKeys.Issuer, Algorithms = { "HS256" }, Keys = { new IssuerKeyOptions { Secret = Secret } } });
        access.ApiKeys.Add(new ApiKeyOptions { Id = "billing", Sha256 = HashOf(Key), Publish = { "invoices/**" } });
        access.ApiKeys.Add(new ApiKeyOptions { Id = "operator", Sha256 = HashOf(OperatorKey), Admin = true, Expires = _begun.AddHours(1).ToOffset(TimeSpan.FromHours(2)) });
        change?.Invoke(access);
        Assert.Empty(SpillwayOptionsValidator.FindFaults(options));
        return options;
    }

    /// <summary>Has the gate take over what the rig began with, changed in another way; false where there is nothing to take over.</summary>
    public bool Reload(Action<AccessOptions>? change = null)
    {
        var prepared = _gate.Prepare(Configure(change));
        prepared?.Apply();
        return prepared is not null;
    }

    /// <summary>Asks; returns when the endpoint was called, or the request refused.</summary>
    public Task ServeAsync(bool admin = false) =>
        ServeAsync(take => admin ? _gate.ServeAdminAsync(Context, _ => take(AccessTicket.Everything)) : _gate.ServeAsync(Context, (_, ticket) => take(ticket)));

    public async Task ServeAsync(string authorization)
    {
        Headers.Authorization = authorization;
        await ServeAsync();
    }

    /// <summary>Fails unless the request was refused, and that is counted, and nowhere a word of a credential.</summary>
    public void AssertRefused(int status, string problem, string reason, string error, string credential = "")
    {
        Assert.Null(Served);
        Assert.Equal(status, Status);
        Assert.Contains($"\"urn:spillway:problem:{problem}\"", Answer, StringComparison.Ordinal);
        Assert.Equal(1, Metrics.Sum("spillway.access.refused_requests"));
        Assert.Equal(1, Metrics.Sum("spillway.access.refused_requests", reason));
        Assert.StartsWith(error.Length == 0 ? "Bearer realm=\"spillway\"" : $"Bearer realm=\"spillway\", error=\"{error}\"", Challenge, StringComparison.Ordinal);
        Assert.True(error.Length > 0 || Challenge == "Bearer realm=\"spillway\"");
        Assert.DoesNotContain(Challenge, static c => c is < ' ' or > '~' or '\\');
        Assert.Contains(Logs.Lines, line => line.Text.Contains(reason, StringComparison.Ordinal));
        AssertNotRepeated(credential);
    }

    protected override ValueTask DisposeGateAsync() => _gate.DisposeAsync();
}
