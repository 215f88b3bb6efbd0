using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Spillway.Access;

namespace Spillway.Tests.Access;

/// <summary>What a host's own say does to requests.</summary>
public sealed class AccessCallbackTests : IAccessCallback
{
    private static readonly TimeSpan Timeout = new AccessOptions().CallbackTimeout;

    private Func<HttpContext, CancellationToken, Task<AccessDecision?>> _decide = static (_, _) => Task.FromResult<AccessDecision?>(null);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask<AccessDecision?> AuthorizeAsync(HttpContext context, CancellationToken cancellationToken) => new(_decide(context, cancellationToken));

    [Fact]
    public async Task ServeAsync_Decision_IsWhatTheRequestMayDo()
    {
        await using var rig = new GateRig(callback: this);
        var end = rig.Clock.GetUtcNow().AddMinutes(1);
        Decide(new AccessDecision { Subject = "ann", TokenId = "s1", Expires = end, Publish = ["a"], Subscribe = ["b/*"], Admin = true });

        await rig.ServeAsync("Bearer nonsense"); // The host has looked at it, or not: it is first.

        var ticket = rig.Served!;
        Assert.Equal(("ann", "s1", end, true, CredentialKind.Host), (ticket.Subject, ticket.TokenId, ticket.Expires!.Value, ticket.Admin, ticket.Kind));
        Assert.Equal((true, true, false), (ticket.Publish.Allows("a"u8), ticket.Subscribe.Allows("b/1"u8), ticket.Subscribe.Allows("a"u8)));
        Assert.True(rig.IsHandedOn && rig.Gate.StillStands(ticket));
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.callbacks", "granted"));
    }

    [Theory]
    [InlineData("Bearer " + GateRig.Key, 200)]
    [InlineData("Bearer nonsense", 401)]
    [InlineData(null, 401)]
    public async Task ServeAsync_NoDecision_TheHubsOwnCredentialsCount(string? authorization, int status)
    {
        await using var rig = new GateRig(callback: this);

        await (authorization is null ? rig.ServeAsync() : rig.ServeAsync(authorization));

        Assert.Equal((status, status == 200), (rig.Status, rig.Served is not null));
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.callbacks", "none"));
    }

    [Fact]
    public async Task ServeAsync_Refusal_Is401AlsoWithAnotherCredential()
    {
        await using var rig = new GateRig(callback: this);
        Decide(AccessDecision.Refuse("The session is over,\r\n\"ann\"."));

        await rig.ServeAsync("Bearer " + GateRig.Key);

        rig.AssertRefused(401, "invalid-token", "host", "invalid_token", GateRig.Key);
        Assert.Contains("The session is over,", rig.Answer, StringComparison.Ordinal);
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.callbacks", "refused"));
    }

    [Fact]
    public async Task ServeAsync_DecisionHasExpired_Is401()
    {
        await using var rig = new GateRig(callback: this);
        Decide(new AccessDecision { Expires = rig.Clock.GetUtcNow(), Subscribe = ["**"] });

        await rig.ServeAsync();

        rig.AssertRefused(401, "invalid-token", "expired", "invalid_token");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ServeAsync_CallbackThrows_Is503AndNobodyIsLetIn(bool atOnce)
    {
        await using var rig = new GateRig(static access => access.Anonymous.Subscribe.Add("**"), this);
        _decide = (_, _) => atOnce ? throw new InvalidOperationException("The host's own fault.") : Task.FromException<AccessDecision?>(new InvalidOperationException("The host's own fault."));

        await rig.ServeAsync("Bearer " + GateRig.Key);

        AssertUnavailable(rig, "failed", 6013);
        Assert.DoesNotContain("own fault", rig.Answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ServeAsync_CallbackTakesTooLong_Is503(bool listens)
    {
        await using var rig = new GateRig(callback: this);
        var never = new TaskCompletionSource<AccessDecision?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _decide = (_, stop) => listens ? never.Task.WaitAsync(stop) : never.Task;
        var serving = rig.ServeAsync("Bearer " + GateRig.Key);
        await rig.Clock.WaitForTimerAsync(Timeout, Cancellation);

        rig.Clock.Advance(Timeout);
        await serving;

        AssertUnavailable(rig, "late", 6014);
    }

    [Theory]
    [InlineData("grant")]
    [InlineData("grants")]
    [InlineData("subject")]
    public async Task ServeAsync_DecisionCannotBeUsed_Is503(string what)
    {
        await using var rig = new GateRig(static access => access.TokenGrants = 2, this);
        Decide(new AccessDecision
        {
            Subject = what == "subject" ? new string('a', 257) : null,
            Publish = what == "grant" ? ["a/**/b"] : [],
            Subscribe = what == "grants" ? ["a", "b", "c"] : [],
        });

        await rig.ServeAsync();

        AssertUnavailable(rig, "failed", 6015);
    }

    [Fact]
    public async Task ServeAsync_ClientLeavesMeanwhile_NobodyIsAnswered()
    {
        await using var rig = new GateRig(callback: this);
        using var gone = new CancellationTokenSource();
        rig.Context.RequestAborted = gone.Token;
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _decide = (_, stop) =>
        {
            asked.SetResult();
            return new TaskCompletionSource<AccessDecision?>().Task.WaitAsync(stop);
        };
        var serving = rig.ServeAsync();
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        await gone.CancelAsync();
        await serving;

        Assert.Equal((200, "", 0), (rig.Status, rig.Answer, rig.Metrics.Sum("spillway.access.refused_requests")));
    }

    /// <summary>A credential that the host would refuse must not come in by a command.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task JudgeRenewal_HostHasItsSay_HasToComeInARequest(bool hasSay)
    {
        await using var rig = new GateRig(callback: hasSay ? this : null);
        await rig.ServeAsync("Bearer " + GateRig.Key);

        var answer = await rig.Gate.JudgeRenewalAsync(GateRig.Key, rig.Served!, Cancellation);

        Assert.Equal((!hasSay, hasSay ? "renew-by-request" : null), (answer.IsGood, answer.Problem?.Name));
    }

    [Theory]
    [InlineData("open", true, "Spillway:Access:Mode is open, but the host has an IAccessCallback")]
    [InlineData("tokens", true, null)]
    [InlineData("tokens", false, "Spillway:Access:Mode is tokens, but nobody could be let in")]
    public void Validate_CallbackAndMode_HaveToFit(string mode, bool registered, string? fault)
    {
        var services = new ServiceCollection().AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("Spillway:Access:Mode", mode)]).Build());
        SpillwayConfiguration.AddOptions(services);
        if (registered)
        {
            services.AddSingleton<IAccessCallback>(this);
        }

        var options = services.BuildServiceProvider().GetRequiredService<IOptions<SpillwayOptions>>();

        if (fault is null)
        {
            Assert.Equal(AccessMode.Tokens, options.Value.Access.Mode);
        }
        else
        {
            Assert.StartsWith(fault, Assert.Single(Assert.Throws<OptionsValidationException>(() => options.Value).Failures), StringComparison.Ordinal);
        }
    }

    private static void AssertUnavailable(GateRig rig, string result, int id)
    {
        Assert.Null(rig.Served);
        Assert.Equal((503, "5"), (rig.Status, rig.Context.Response.Headers.RetryAfter.ToString()));
        Assert.Contains("urn:spillway:problem:unavailable", rig.Answer, StringComparison.Ordinal);
        Assert.Equal((1, 1), (rig.Metrics.Sum("spillway.access.callbacks", result), rig.Metrics.Sum("spillway.access.refused_requests", "unavailable")));
        Assert.Contains(rig.Logs.Lines, line => line.Id == id);
    }

    private void Decide(AccessDecision decision) => _decide = (_, _) => Task.FromResult<AccessDecision?>(decision);
}
