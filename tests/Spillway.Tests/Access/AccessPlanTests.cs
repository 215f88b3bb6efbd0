using System.Collections.Frozen;
using Spillway.Access;
using Spillway.Access.Certificates;
using Spillway.Access.Tokens;
using Spillway.TestKit;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Access;

public sealed class AccessPlanTests : IDisposable
{
    private readonly MetricCollector _metrics = new();
    private readonly ScriptedFetcher _fetcher = new();

    public void Dispose()
    {
        _metrics.Dispose();
        _fetcher.Dispose();
    }

    [Fact]
    public void Leave_TheLastOne_DisposesWhatIsOpen()
    {
        var plan = Create();
        Assert.True(plan.TryEnter());
        Assert.True(plan.TryEnter());

        plan.Leave(); // The gate.
        plan.Leave();
        Assert.Equal((false, false), (plan.IsGone, _fetcher.IsDisposed));
        Assert.True(plan.TryEnter()); // Whoever has read the field just before.
        plan.Leave();
        plan.Leave();

        Assert.Equal((true, true), (plan.IsGone, _fetcher.IsDisposed));
        Assert.False(plan.TryEnter());
    }

    [Fact]
    public async Task DisposeAsync_SomebodyIsBeingJudged_DoesNotWait()
    {
        var plan = Create();
        plan.TryEnter();

        await plan.DisposeAsync();

        Assert.True(_fetcher.IsDisposed);
        plan.Leave();
        plan.Leave(); // Once more does nothing.
    }

    private AccessPlan Create()
    {
        var clock = new ManualTimeProvider();
        var (limits, metrics) = (new KeySetLimits(), new TokenMetrics(_metrics));
        var keys = new FetchedKeys("a", _fetcher, new KeySetReader(new JwkReader(new KeyMaker(SignatureAlgorithm.All), takesSecrets: false), limits), limits, metrics, clock, new LogCollector().CreateLogger("keys"));
        return new AccessPlan
        {
            Digest = "",
            Reader = new CredentialReader(""),
            Tokens = new TokenValidator([TokenRig.Issuer("a") with { Keys = [keys] }], new TokenLimits(), 10, metrics, clock),
            Introspector = null,
            Keys = new ApiKeyRing([]),
            Certificates = new CertificateRing([]),
            Anonymous = null,
            CallbackTimeout = TimeSpan.Zero,
            Limits = new TokenLimits(),
            Accepted = "",
            Entries = FrozenSet<string>.Empty,
        };
    }
}
