using System.Collections.Frozen;
using Spillway.Mercure;

namespace Spillway.Tests.Mercure;

/// <summary>What the Mercure hub's gate does with changed options while requests come.</summary>
public sealed class MercureReloadTests
{
    private const string Other = "another-key-of-32-bytes-or-more-";

    private static readonly string Draft = MercureTokens.Draft($"[{MercureTokens.Detail("\"subscribe\"", """{"match":"*"}""")}]");

    [Fact]
    public async Task Prepare_NothingHasChanged_IsNothing()
    {
        await using var rig = new MercureRig();
        rig.Gate.Changed += static () => Assert.Fail("Nothing has changed.");

        Assert.False(rig.Reload());
        Assert.Null(rig.Gate.Prepare(MercureRig.Configure(static options => options.Mercure.Enabled = false))); // That waits for a restart, with all of it.
    }

    [Fact]
    public async Task Prepare_AnotherKey_CountsFromThenOnAndEndsWhatTheOldOneAllowed()
    {
        await using var rig = new MercureRig();
        await rig.ServeAsync(MercureTokens.Subscriber());
        var shared = rig.Served!.Ticket;
        await rig.ServeAsync(Draft);
        var (draft, told) = (rig.Served!.Ticket, 0);
        rig.Gate.Changed += () => told += shared.IsRevoked ? 1 : 100;

        Assert.True(rig.Reload(static options => options.Mercure.SubscriberKey = Other));

        Assert.Equal((1, true, false), (told, shared.IsRevoked, draft.IsRevoked));
        await rig.ServeAsync(MercureTokens.Subscriber());
        rig.AssertRefused(401, "invalid_token");
        await rig.ServeAsync(MercureTokens.Classic(Other, """{"mercure":{"subscribe":["*"]}}"""));
        Assert.NotNull(rig.Served);
        Assert.Contains(rig.Logs.Lines, static line => line.Id == 8002);
        Assert.DoesNotContain(rig.Logs.Lines, static line => line.Text.Contains(Other, StringComparison.Ordinal));
    }

    [Fact]
    public void Standing_WhileOthersTakeTheirPlace_NeitherIsTakenBack()
    {
        var standing = new MercureStanding();
        standing.Set(FrozenSet.Create("old", "stays"));
        (bool, bool, bool) meanwhile = default;

        standing.Replace(FrozenSet.Create("stays", "new"), () => meanwhile = (standing.Has("old"), standing.Has("stays"), standing.Has("new")));

        Assert.Equal((true, true, true), meanwhile); // A token may be judged by either.
        Assert.Equal((false, true, true), (standing.Has("old"), standing.Has("stays"), standing.Has("new")));
    }

    [Fact]
    public async Task Prepare_KeyChangesItsRole_DoesNotStandForTheOther()
    {
        await using var rig = new MercureRig();
        await rig.ServeAsync(MercureTokens.Subscriber());
        var ticket = rig.Served!.Ticket;

        rig.Reload(static options => (options.Mercure.PublisherKey, options.Mercure.SubscriberKey) = (MercureTokens.SubscriberKey, MercureTokens.PublisherKey));

        Assert.True(ticket.IsRevoked);
    }

    [Fact]
    public async Task Prepare_IssuerGoes_EndsWhatItsTokensAllowed()
    {
        await using var rig = new MercureRig();
        await rig.ServeAsync(Draft);
        var ticket = rig.Served!.Ticket;

        rig.Reload(static options => options.Access.Issuers[0].Issuer = "https://other.example");

        Assert.True(ticket.IsRevoked);
        await rig.ServeAsync(Draft);
        rig.AssertRefused(401, "invalid_token");
    }

    [Fact]
    public async Task Prepare_AnonymousGoes_EndsStreamsWithoutAToken()
    {
        await using var rig = new MercureRig(static options => options.Mercure.Anonymous = true);
        await rig.ServeAsync();
        var ticket = rig.Served!.Ticket;

        Assert.True(rig.Reload());

        Assert.True(ticket.IsRevoked);
        rig.Ask();
        await rig.ServeAsync();
        rig.AssertRefused(401, "");
    }

    [Fact]
    public async Task Prepare_SomethingElseChanges_VerifiedTokensStayRemembered()
    {
        await using var rig = new MercureRig();
        await rig.ServeAsync(Draft);
        await rig.ServeAsync(MercureTokens.Subscriber());

        Assert.True(rig.Reload(static options => options.Mercure.Cookie = "other"));

        await rig.ServeAsync(Draft);
        await rig.ServeAsync(MercureTokens.Subscriber());
        Assert.Equal((2, 2), (rig.Metrics.Sum("spillway.access.tokens", "good"), rig.Metrics.Sum("spillway.access.tokens", "cached")));
        rig.Ask();
        rig.Headers.Cookie = "other=" + Draft;
        await rig.ServeAsync();
        Assert.NotNull(rig.Served);
    }

    [Fact]
    public async Task Prepare_ALimitChanges_VerifiedTokensAreJudgedAnew()
    {
        await using var rig = new MercureRig();
        var token = MercureTokens.Subscriber("\"a\",\"b\"");
        await rig.ServeAsync(token);
        Assert.NotNull(rig.Served);

        rig.Reload(static options => options.Access.TokenGrants = 1);

        await rig.ServeAsync(token);
        rig.AssertRefused(401, "invalid_token");
    }

    [Fact]
    public async Task Prepare_PublishedKeysWereFetched_AreNotLookedForAgain()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $$"""{"keys":[{{Access.Tokens.TestKeys.JwkOf(Access.Tokens.TestKeys.P256, "1")}}]}""", TestContext.Current.CancellationToken);
        void Configure(SpillwayOptions options)
        {
            options.Access.Issuers[0].Keys.Clear();
            options.Access.Issuers[0].JwksFile = file;
        }

        await using var rig = new MercureRig(Configure);
        await rig.ServeAsync(Draft);
        Assert.NotNull(rig.Served);
        File.Delete(file); // The issuer is out.

        rig.Reload(options =>
        {
            Configure(options);
            options.Mercure.Cookie = "other";
        });

        await rig.ServeAsync(Draft);
        Assert.NotNull(rig.Served);
        Assert.Equal((1, 1), (rig.Metrics.Sum("spillway.access.tokens", "cached"), rig.Metrics.Sum("spillway.access.key_fetches")));
    }

    [Fact]
    public async Task TellStart_AHubWithKeys_TellsWhereItIsAndNoKey()
    {
        await using var rig = new MercureRig();

        rig.Gate.TellStart();

        var line = Assert.Single(rig.Logs.Lines);
        Assert.Equal(8001, line.Id);
        Assert.Contains("/.well-known/mercure, https://hub.example/.well-known/mercure for its clients", line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(MercureTokens.SubscriberKey, line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void FindChanges_OfTheHubsPlace_WaitForARestartAndKeysDoNot()
    {
        var before = MercureRig.Configure();
        var after = MercureRig.Configure(static options =>
        {
            var hub = options.Mercure;
            (hub.Path, hub.Dialects, hub.PatternBytes, hub.Subscriptions, hub.Url) = ("/hub", MercureDialects.Classic, 100, true, "https://other.example/hub");
            (hub.PublisherKey, hub.SubscriberKey, hub.PublisherAlgorithm, hub.SubscriberAlgorithm, hub.Anonymous) = (new string('p', 64), new string('s', 64), "HS512", "HS384", true);
            (hub.Cookie, hub.CookieClassic, hub.UrlAuthorization) = ("a", "b", true);
        });

        Assert.Equal(
            ["Spillway:Mercure:Dialects", "Spillway:Mercure:Path", "Spillway:Mercure:PatternBytes", "Spillway:Mercure:Subscriptions", "Spillway:Mercure:Url"],
            SpillwayConfiguration.FindChanges(before, after).Order(StringComparer.Ordinal));
        after.Mercure.Enabled = false;
        Assert.Equal(14, SpillwayConfiguration.FindChanges(before, after).Length); // All of it, then.
    }
}
