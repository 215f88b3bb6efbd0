using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Spillway.Access;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Access;

/// <summary>What a gate does with changed options while requests come.</summary>
public sealed class AccessReloadTests
{
    private const string Other = "spk_11111111111111111111111111111111";
    private const string OtherIssuer = "https://other.example";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prepare_KeysHaveChanged_CountFromThenOn()
    {
        await using var rig = new GateRig();
        await rig.ServeAsync("Bearer " + GateRig.Key);
        var (old, told) = (rig.Served!, 0);
        rig.Ask();
        await rig.ServeAsync("Bearer " + GateRig.OperatorKey);
        rig.Gate.Changed += () => told += rig.Gate.StillStands(old) ? 100 : 1;

        Assert.True(rig.Reload(static access => access.ApiKeys[0].Sha256 = GateRig.HashOf(Other)));

        Assert.Equal((1, true), (told, rig.Gate.StillStands(rig.Served!)));
        rig.Ask();
        await rig.ServeAsync("Bearer " + Other);
        Assert.Equal("billing", rig.Served?.Subject);
        rig.Ask();
        await rig.ServeAsync("Bearer " + GateRig.Key);
        rig.AssertRefused(401, "invalid-token", "unknown-key", "invalid_token", GateRig.Key);
        Assert.Contains(rig.Logs.Lines, static line => line.Id == 6012);
    }

    [Fact]
    public async Task StillStands_GrantsHaveChanged_IsAnotherTicket()
    {
        await using var rig = new GateRig(static access => access.Anonymous.Subscribe.Add("news/*"));
        await rig.ServeAsync("Bearer " + GateRig.Key);
        var key = rig.Served!;
        rig.Ask();
        await rig.ServeAsync();
        var anybody = rig.Served!;
        rig.Ask();
        await rig.ServeAsync("Bearer " + GateRig.Token());
        var token = rig.Served!;
        Assert.All([key, anybody, token, AccessTicket.Everything], ticket => Assert.True(rig.Gate.StillStands(ticket)));

        rig.Reload(static access => access.ApiKeys[0].Publish.Clear());

        Assert.Equal((false, false, true), (rig.Gate.StillStands(key), rig.Gate.StillStands(anybody), rig.Gate.StillStands(token)));
        rig.Reload(static access => access.Issuers[0].Issuer = OtherIssuer);
        Assert.False(rig.Gate.StillStands(token));
    }

    [Fact]
    public async Task Prepare_NothingHasChanged_IsNothing()
    {
        await using var rig = new GateRig();
        rig.Gate.Changed += static () => Assert.Fail("Nothing has changed.");

        Assert.False(rig.Reload());
        Assert.False(rig.Reload(static access => access.Mode = AccessMode.Open)); // That waits for a restart, with all of it.
    }

    [Fact]
    public async Task Prepare_OpenHub_StaysOpen()
    {
        await using var rig = new GateRig(static access => access.Mode = AccessMode.Open);

        Assert.False(rig.Reload(static access => access.ApiKeys.Clear()));
        Assert.True(rig.Gate.StillStands(AccessTicket.Everything));
    }

    [Fact]
    public async Task Prepare_AnotherIssuerComes_VerifiedTokensStayRemembered()
    {
        await using var rig = new GateRig();
        var token = GateRig.Token();
        await rig.ServeAsync("Bearer " + token);

        rig.Reload(static access => access.Issuers.Add(new IssuerOptions { Issuer = OtherIssuer, Algorithms = { "ES256" }, JwksFile = "none" }));

        rig.Ask();
        await rig.ServeAsync("Bearer " + token);
        Assert.Equal((1, 1), (rig.Metrics.Sum("spillway.access.tokens", "good"), rig.Metrics.Sum("spillway.access.tokens", "cached")));
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("audience")]
    [InlineData("gone")]
    [InlineData("limit")]
    public async Task Prepare_IssuerHasChanged_VerifiedTokensAreForgotten(string what)
    {
        await using var rig = new GateRig();
        var token = GateRig.Token("""
            "spillway":{"subscribe":["a","b"]}
            """);
        await rig.ServeAsync("Bearer " + token);
        Assert.NotNull(rig.Served);

        rig.Reload(access =>
        {
            var issuer = access.Issuers[0];
            issuer.Keys[0].Secret = what == "secret" ? new string('z', 32) : issuer.Keys[0].Secret;
            issuer.Audience = what == "audience" ? "another" : null;
            issuer.Issuer = what == "gone" ? OtherIssuer : issuer.Issuer;
            access.TokenGrants = what == "limit" ? 1 : access.TokenGrants;
        });

        rig.Ask();
        await rig.ServeAsync("Bearer " + token);
        rig.AssertRefused(401, "invalid-token", "invalid-token", "invalid_token", token);
    }

    [Fact]
    public async Task Prepare_AKeysFileHasChanged_IsReadAgain()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, new string('a', 32), Cancellation);
        void Configure(AccessOptions access) => (access.Issuers[0].Keys[0].Secret, access.Issuers[0].Keys[0].SecretFile) = (null, file);
        await using var rig = new GateRig(Configure);
        Assert.False(rig.Reload(Configure));

        await File.WriteAllTextAsync(file, new string('b', 32), Cancellation);
        Assert.True(rig.Reload(Configure));

        await rig.ServeAsync("Bearer " + GateRig.Token(secret: new string('b', 32)));
        Assert.NotNull(rig.Served);
        File.Delete(file);
    }

    [Theory]
    [InlineData("same")]
    [InlineData("skew")]
    [InlineData("age")]
    public async Task Prepare_KeysWereFetched_AreNotLookedForAgain(string what)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $$"""{"keys":[{{TestKeys.JwkOf(TestKeys.P256, "1")}}]}""", Cancellation);
        void Configure(AccessOptions access) => access.Issuers.Add(new IssuerOptions { Issuer = OtherIssuer, Algorithms = { "ES256" }, JwksFile = file });
        await using var rig = new GateRig(Configure);
        var first = Make("1");
        await rig.ServeAsync("Bearer " + first);
        Assert.NotNull(rig.Served);
        File.Delete(file); // The issuer is out.

        rig.Reload(access =>
        {
            Configure(access);
            access.ApiKeys.Clear();
            access.Issuers[1].Skew = what == "skew" ? TimeSpan.Zero : access.Issuers[1].Skew;
            access.KeySetMaxAge = what == "age" ? TimeSpan.FromHours(1) : access.KeySetMaxAge;
        });

        rig.Ask();
        await rig.ServeAsync("Bearer " + Make("2"));
        Assert.NotNull(rig.Served);
        rig.Ask();
        await rig.ServeAsync("Bearer " + first);
        Assert.Equal(what == "skew" ? 0 : 1, rig.Metrics.Sum("spillway.access.tokens", "cached")); // Read by other rules, it may have another end.
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.key_fetches"));
        rig.Ask();
        await rig.ServeAsync("Bearer " + TestKeys.Make("ES256", Payload("3"), """{"alg":"ES256","kid":"forged"}"""));
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.key_fetches", "too-soon")); // The interval goes on.
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prepare_ARequestIsBeingJudged_IsJudgedByTheOldPlanAndLetInIfItStandsStill(bool issuerIsGone)
    {
        var (asked, may) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var issuer = builder.Build();
        issuer.MapGet("/keys", async () =>
        {
            asked.SetResult();
            await may.Task;
            return $$"""{"keys":[{{TestKeys.JwkOf(TestKeys.P256, "1")}}]}""";
        });
        await issuer.StartAsync(Cancellation);
        void Configure(AccessOptions access) => access.Issuers.Add(new IssuerOptions { Issuer = OtherIssuer, Algorithms = { "ES256" }, JwksUrl = issuer.Urls.First() + "/keys" });
        await using var rig = new GateRig(Configure);
        var judging = rig.ServeAsync("Bearer " + Make("1"));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        Assert.True(rig.Reload(access =>
        {
            access.ApiKeys.Clear();
            if (!issuerIsGone)
            {
                Configure(access);
            }
        }));
        may.SetResult();

        await judging;
        if (issuerIsGone)
        {
            rig.AssertRefused(401, "invalid-token", "revoked", "invalid_token"); // Its keys came, and say that the token is good; but nobody is let in whose stream would have to end.
        }
        else
        {
            Assert.Equal(OtherIssuer, rig.Served?.Issuer);
        }
    }

    private static string Make(string id) => TestKeys.Make("ES256", Payload(id), """{"alg":"ES256","kid":"1"}""");

    private static string Payload(string id) => TokenRig.Payload($"\"jti\":\"{id}\"").Replace(TestKeys.Issuer, OtherIssuer, StringComparison.Ordinal);
}
