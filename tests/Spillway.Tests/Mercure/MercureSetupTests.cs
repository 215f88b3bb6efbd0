using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Mercure;

/// <summary>What is wrong with the options of a Mercure hub is told before it starts, and no secret with it.</summary>
public sealed class MercureSetupTests
{
    private const string Short = "short-secret-of-30-bytes-only!";

    public static TheoryData<string, string> Faults => new()
    {
        { "open", "Spillway:Mercure:Enabled is true, but Spillway:Access:Mode is open" },
        { "path", "Spillway:Mercure:Path is \"mercure\"; give it a path" },
        { "path-slash", "Spillway:Mercure:Path is \"/mercure/\"" },
        { "path-braces", "Spillway:Mercure:Path is \"/{x}\"" },
        { "path-query", "Spillway:Mercure:Path is \"/m?x=1\"" },
        { "path-twice", "Spillway:Mercure:Path is \"//m\"" },
        { "url", "Spillway:Mercure:Url is \"/relative\"; give it the address" },
        { "url-scheme", "Spillway:Mercure:Url is \"ftp://hub.example/m\"" },
        { "path-taken", "Spillway:Mercure:Path is \"/Topics/mercure\", where the hub's own endpoints are" },
        { "url-query", "Spillway:Mercure:Url is \"https://hub.example/m?x\"" },
        { "url-user", "Spillway:Mercure:Url is \"https://ann@hub.example/m\"" },
        { "url-slash", "Spillway:Mercure:Url is \"https://hub.example/m/\", whose path ends in \"/\"; give it one that does not" },
        { "url-root", "Spillway:Mercure:Url is \"https://hub.example\", whose path ends in \"/\"" },
        { "cookie", "Spillway:Mercure:Cookie is \"a b\", which is no name of a cookie" },
        { "cookie-classic", "Spillway:Mercure:CookieClassic is \"a;b\", which is no name of a cookie" },
        { "short", "Spillway:Mercure:PublisherKey is a secret of 30 bytes, and HS256 takes at least 32" },
        { "short-512", "Spillway:Mercure:SubscriberKey is a secret of 34 bytes, and HS256 takes at least 32, HS384 48, HS512 64" },
        { "algorithm", "Spillway:Mercure:PublisherAlgorithm is \"none\"; give it one of HS256, HS384" },
        { "pem-for-secret", "Spillway:Mercure:SubscriberKey is PEM, which is no secret for HS256" },
        { "secret-for-pem", "Spillway:Mercure:SubscriberKey is no PEM" },
        { "private", "Spillway:Mercure:SubscriberKey is a private key" },
        { "url-authorization", "Spillway:Mercure:UrlAuthorization is true, but Spillway:Mercure:Dialects is draft8" },
        { "nobody", "Spillway:Mercure:Enabled is true, but nobody could be let in" },
        { "pattern-bytes", "Spillway:Mercure:PatternBytes is 63; give it 64 to 8KiB" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void FindFaults_AnythingWrong_NamesItAndNoSecret(string what, string expected)
    {
        var options = MercureRig.Configure();
        Break(options, what);

        var faults = SpillwayOptionsValidator.FindFaults(options);

        Assert.Contains(faults, fault => fault.StartsWith(expected.TrimEnd('.'), StringComparison.Ordinal));
        Assert.Single(faults, static fault => fault.Contains(":Mercure:", StringComparison.Ordinal));
        Assert.DoesNotContain(faults, static fault => fault.Contains(Short, StringComparison.Ordinal) || fault.Contains('\n', StringComparison.Ordinal) || fault.Contains("ChangeThis", StringComparison.Ordinal));
    }

    [Fact]
    public void FindFaults_HubIsOff_LooksAtNothing()
    {
        var options = new SpillwayOptions();
        (options.Mercure.PublisherKey, options.Mercure.Path) = (Short, "x");

        Assert.Empty(SpillwayOptionsValidator.FindFaults(options));
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("anonymous")]
    public void FindFaults_OnlyTheMercureHubLetsSomebodyIn_IsEnough(string by)
    {
        var options = new SpillwayOptions();
        (options.Access.Mode, options.Mercure.Enabled) = (AccessMode.Tokens, true);
        Assert.Equal(2, SpillwayOptionsValidator.FindFaults(options).Count); // Neither here nor there.

        (options.Mercure.SubscriberKey, options.Mercure.Anonymous) = (by == "keys" ? MercureTokens.SubscriberKey : null, by == "anonymous");

        Assert.Empty(SpillwayOptionsValidator.FindFaults(options));
    }

    [Fact]
    public void FindFaults_TheHostDecides_NobodyElseHasTo()
    {
        var options = new SpillwayOptions();
        (options.Access.Mode, options.Mercure.Enabled) = (AccessMode.Tokens, true);

        Assert.Empty(SpillwayOptionsValidator.FindFaults(options, hostDecides: true));
    }

    private static void Break(SpillwayOptions options, string what)
    {
        var hub = options.Mercure;
        switch (what)
        {
            case "open":
                options.Access.Mode = AccessMode.Open;
                break;
            case "path" or "path-slash" or "path-braces" or "path-query" or "path-twice" or "path-taken":
                hub.Path = what switch { "path" => "mercure", "path-slash" => "/mercure/", "path-braces" => "/{x}", "path-query" => "/m?x=1", "path-taken" => "/Topics/mercure", _ => "//m" };
                break;
            case "url" or "url-scheme" or "url-query" or "url-user" or "url-slash" or "url-root":
                hub.Url = what switch
                {
                    "url" => "/relative",
                    "url-scheme" => "ftp://hub.example/m",
                    "url-query" => "https://hub.example/m?x",
                    "url-slash" => "https://hub.example/m/",
                    "url-root" => "https://hub.example",
                    _ => "https://ann@hub.example/m",
                };
                break;
            case "cookie":
                hub.Cookie = "a b";
                break;
            case "cookie-classic":
                hub.CookieClassic = "a;b";
                break;
            case "short":
                hub.PublisherKey = Short;
                break;
            case "short-512":
                hub.SubscriberAlgorithm = "HS512";
                break;
            case "algorithm":
                hub.PublisherAlgorithm = "none";
                break;
            case "pem-for-secret":
                hub.SubscriberKey = TestKeys.Rsa.ExportSubjectPublicKeyInfoPem();
                break;
            case "secret-for-pem":
                hub.SubscriberAlgorithm = "RS256";
                break;
            case "private":
                (hub.SubscriberKey, hub.SubscriberAlgorithm) = (TestKeys.P256.ExportPkcs8PrivateKeyPem(), "ES256");
                break;
            case "url-authorization":
                (hub.UrlAuthorization, hub.Dialects) = (true, MercureDialects.Draft8);
                break;
            case "nobody":
                (hub.PublisherKey, hub.SubscriberKey, options.Access.Issuers[0].Issuer) = (null, null, null);
                break;
            default:
                hub.PatternBytes = 63;
                break;
        }
    }
}
