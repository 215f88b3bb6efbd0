using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Access.Tokens;
using Spillway.TestKit;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Access;

/// <summary>A gate with an issuer and two API keys, and one request to it.</summary>
internal sealed class GateRig : IAsyncDisposable
{
    public const string Key = "spk_0123456789abcdef0123456789abcdef";
    public const string OperatorKey = "spk_fedcba9876543210fedcba9876543210";

    private const string Secret = "0123456789abcdef0123456789abcdef";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // Real time: only a test that fails waits so long.

    private readonly DateTimeOffset _begun = new ManualTimeProvider().GetUtcNow();
    private readonly AccessGate _gate;
    private TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MemoryStream _body = new();
    private readonly Task _under = new TaskCompletionSource().Task; // A stream that does not end.

    public GateRig(Action<AccessOptions>? change = null, IAccessCallback? callback = null)
    {
        var options = Configure(change);
        Revocations = new Revocations(options.Access.Revocations, null, Clock);
        Journal = new AccessJournal(Metrics, Logs.For<AccessJournal>());
        _gate = new AccessGate(Options.Create(options), Journal, Revocations, new TokenMetrics(Metrics), Clock, Logs.For<AccessGate>(), callback);
        Ask();
    }

    public MetricCollector Metrics { get; } = new();

    public LogCollector Logs { get; } = new();

    public ManualTimeProvider Clock { get; } = new();

    public Revocations Revocations { get; }

    public AccessJournal Journal { get; }

    public DefaultHttpContext Context { get; private set; } = new();

    public AccessGate Gate => _gate;

    public IHeaderDictionary Headers => Context.Request.Headers;

    /// <summary>What the endpoint was handed; null: it was not called.</summary>
    public AccessTicket? Served { get; private set; }

    public int Status => Context.Response.StatusCode;

    public string Challenge => Context.Response.Headers.WWWAuthenticate.ToString();

    public string Answer => Encoding.UTF8.GetString(_body.ToArray());

    /// <summary>Whether what was returned is the endpoint's own task.</summary>
    public bool IsHandedOn { get; private set; }

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

    /// <summary>Makes another request ready.</summary>
    public void Ask()
    {
        _body.Dispose();
        (_body, _called, Served) = (new MemoryStream(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
        Context = new DefaultHttpContext();
        Context.Request.Headers.Host = "hub.example";
        Context.Response.Body = _body;
    }

    /// <summary>Asks; returns when the endpoint was called, or the request refused.</summary>
    public async Task ServeAsync(bool admin = false)
    {
        var task = admin ? _gate.ServeAdminAsync(Context, _ => Take(AccessTicket.Everything)) : _gate.ServeAsync(Context, (_, ticket) => Take(ticket));
        IsHandedOn = ReferenceEquals(task, _under);
        if (Served is null)
        {
            await Task.WhenAny(task, _called.Task).WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

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
        if (credential.Length > 0)
        {
            Assert.DoesNotContain(credential, Answer + Challenge + string.Concat(Logs.Lines.Select(static line => line.Text)), StringComparison.OrdinalIgnoreCase);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.DisposeAsync();
        Metrics.Dispose();
        Logs.Dispose();
        _body.Dispose();
    }

    private Task Take(AccessTicket ticket)
    {
        Served = ticket;
        _called.TrySetResult();
        return _under;
    }
}
