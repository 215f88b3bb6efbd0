using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Access.Tokens;
using Spillway.Mercure;
using Spillway.Mercure.Patterns;
using Spillway.Mercure.Tokens;
using Spillway.Tests.Access;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Mercure;

/// <summary>The gate of a Mercure hub with an issuer and two shared keys, and one request to it.</summary>
internal sealed class MercureRig : RequestRig<MercureTicket>
{
    public const string Metadata = "https://hub.example/.well-known/oauth-protected-resource/.well-known/mercure";

    private readonly OriginsGuard _origins;

    public MercureRig(Action<SpillwayOptions>? change = null, IAccessCallback? callback = null)
    {
        var options = Options.Create(Configure(change, callback is not null));
        Revocations = new Revocations(100, null, Clock) { StillStands = static ticket => ticket.Foreign?.StillStands != false };
        _origins = new OriginsGuard(options, Journal);
        Gate = new MercureGate(options, MatcherReader.Create(options.Value.Mercure, new SharedExpressions(options.Value.Mercure.Expressions, Clock)), Journal, Revocations, new TokenMetrics(Metrics), Clock, Logs.For<MercureGate>(), callback);
    }

    public Revocations Revocations { get; }

    public MercureGate Gate { get; }

    public static SpillwayOptions Configure(Action<SpillwayOptions>? change = null, bool hostDecides = false)
    {
        var options = new SpillwayOptions();
        options.Access.Mode = AccessMode.Tokens;
        options.Access.Origins.Add("https://listed.example");
        options.Access.Issuers.Add(new IssuerOptions { Issuer = TestKeys.Issuer, Algorithms = { "ES256" }, Keys = { new IssuerKeyOptions { Pem = TestKeys.P256.ExportSubjectPublicKeyInfoPem() } } });
        var hub = options.Mercure;
        (hub.Enabled, hub.Url, hub.PublisherKey, hub.SubscriberKey) = (true, MercureTokens.Url, MercureTokens.PublisherKey, MercureTokens.SubscriberKey);
        change?.Invoke(options);
        Assert.Empty(SpillwayOptionsValidator.FindFaults(options, hostDecides));
        return options;
    }

    /// <summary>Has the gate take over other options; false where there is nothing to take over.</summary>
    public bool Reload(Action<SpillwayOptions>? change = null)
    {
        var prepared = Gate.Prepare(Configure(change));
        prepared?.Apply();
        return prepared is not null;
    }

    /// <summary>Asks; returns when the endpoint was called, or the request refused.</summary>
    public Task ServeAsync(bool publishing = false)
    {
        Context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(_origins), "mercure"));
        return ServeAsync(take => Gate.ServeAsync(Context, publishing, (_, ticket) => take(ticket)));
    }

    /// <summary>Asks anew with a token in the header.</summary>
    public async Task ServeAsync(string token, bool publishing = false)
    {
        Ask();
        Headers.Authorization = "Bearer " + token;
        await ServeAsync(publishing);
    }

    /// <summary>Fails unless the last request was refused with a challenge of an error, and without a word of its credential.</summary>
    /// <param name="status">The status.</param>
    /// <param name="error">The error of RFC 6750; empty for a challenge without one; null for no challenge.</param>
    /// <param name="credential">What must not be repeated.</param>
    public void AssertRefused(int status, string? error, string credential = "")
    {
        Assert.Null(Served);
        Assert.Equal(status, Context.Response.StatusCode);
        Assert.Contains("urn:spillway:problem:", Answer, StringComparison.Ordinal);
        Assert.True(Metrics.Sum("spillway.access.refused_requests") >= 1);
        if (error is null)
        {
            Assert.Empty(Challenge);
        }
        else
        {
            Assert.StartsWith(error.Length == 0 ? "Bearer realm=\"spillway\", resource_metadata=" : $"Bearer realm=\"spillway\", error=\"{error}\"", Challenge, StringComparison.Ordinal);
            Assert.EndsWith($", resource_metadata=\"{Metadata}\"", Challenge, StringComparison.Ordinal);
        }

        AssertNotRepeated(credential);
    }

    protected override ValueTask DisposeGateAsync() => Gate.DisposeAsync();
}
