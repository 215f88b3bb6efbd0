using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Access.Tokens;
using Spillway.TestKit;

namespace Spillway.Tests.Access.Tokens;

public sealed class IssuerReaderTests : IDisposable
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Create_EverySourceOfKeys_VerifiesItsTokens()
    {
        await File.WriteAllTextAsync(_file, $$"""{"keys":[{{TestKeys.JwkOf(TestKeys.P256, "f")}}]}""", TestContext.Current.CancellationToken);
        var options = Read($$"""
            { "Issuer": "pem", "Algorithms": ["RS256"], "Keys": [ { "Pem": {{Json(TestKeys.Rsa.ExportSubjectPublicKeyInfoPem())}}, "Id": "k" } ] },
            { "Issuer": "jwk", "Algorithms": ["ES256"], "Keys": [ { "Jwk": {{Json(TestKeys.JwkOf(TestKeys.P256, "j"))}} } ] },
            { "Issuer": "jwks", "Algorithms": ["ES256"], "Keys": [ { "JwkFile": {{Json(_file)}} } ] },
            { "Issuer": "file", "Algorithms": ["ES256"], "JwksFile": {{Json(_file)}}, "Audience": "here", "Skew": "1s" },
            { "Algorithms": ["HS256"], "Keys": [ { "Secret": "{{Secret}}" } ] }
            """);
        await using var validator = Create(options);

        Assert.Equal(TokenFault.None, await CheckAsync(validator, TestKeys.Make("RS256", """{"iss":"pem"}""", """{"alg":"RS256","kid":"k"}""")));
        Assert.Equal(TokenFault.None, await CheckAsync(validator, TestKeys.Make("ES256", """{"iss":"jwk"}""")));
        Assert.Equal(TokenFault.None, await CheckAsync(validator, TestKeys.Make("ES256", """{"iss":"jwks"}""", """{"alg":"ES256","kid":"f"}""")));
        Assert.Equal(TokenFault.None, await CheckAsync(validator, TestKeys.Make("ES256", """{"iss":"file","aud":"here"}""", """{"alg":"ES256","kid":"f"}""")));
        Assert.Equal(TokenFault.None, await CheckAsync(validator, HmacOf(Secret, "{}")));
        Assert.Equal(TokenFault.Audience, await CheckAsync(validator, TestKeys.Make("ES256", """{"iss":"file"}""", """{"alg":"ES256","kid":"f"}""")));
        Assert.Equal(TimeSpan.FromSeconds(1), options.Issuers[3].Skew);
    }

    [Fact]
    public async Task Create_SecretFile_HasNoLineBreakAtItsEnd()
    {
        await File.WriteAllTextAsync(_file, Secret + "\r\n", TestContext.Current.CancellationToken);
        await using var validator = Create(Read($$"""{ "Algorithms": ["HS256"], "Keys": [ { "SecretFile": {{Json(_file)}} } ] }"""));

        Assert.Equal(TokenFault.None, await CheckAsync(validator, HmacOf(Secret, "{}")));
    }

    [Theory]
    [InlineData("""{ "Keys": [ { "Secret": "s" } ] }""", "Spillway:Access:Issuers:0:Algorithms is empty; name what the issuer signs with, for example [\"ES256\"].")]
    [InlineData("""{ "Algorithms": ["none"], "JwksUrl": "https://a.example/" }""", "Spillway:Access:Issuers:0:Algorithms:0 is \"none\"; give it one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512.")]
    [InlineData("""{ "Algorithms": ["ES256"] }""", "Spillway:Access:Issuers:0 has no keys, so none of its tokens could ever be verified; set Keys, JwksUrl or JwksFile.")]
    [InlineData("""{ "Algorithms": ["ES256"], "JwksUrl": "http://a.example/" }""", "Spillway:Access:Issuers:0:JwksUrl is \"http://a.example/\", which is an http URL of another machine: whoever is on the way could answer in its place; use https.")]
    [InlineData("""{ "Algorithms": ["ES256"], "JwksUrl": "https://ann:c2VjcmV0@a.example/" }""", "Spillway:Access:Issuers:0:JwksUrl is no https URL without a user's name.")]
    [InlineData("""{ "Algorithms": ["ES256"], "Keys": [ {} ] }""", "Spillway:Access:Issuers:0:Keys:0 has no key; set exactly one of Pem, PemFile, Secret, SecretFile, Jwk, JwkFile.")]
    [InlineData("""{ "Algorithms": ["HS256"], "Keys": [ { "Pem": "x", "Secret": "y" } ] }""", "Spillway:Access:Issuers:0:Keys:0 has Pem and Secret; set exactly one of Pem, PemFile, Secret, SecretFile, Jwk, JwkFile.")]
    [InlineData("""{ "Algorithms": ["HS256"], "Keys": [ { "Secret": "weak-weak" } ] }""", "Spillway:Access:Issuers:0:Keys:0:Secret is a secret of 9 bytes, and HS256 takes at least 32, HS384 48, HS512 64.")]
    [InlineData("""{ "Algorithms": ["HS256"], "Keys": [ { "Secret": "0123456789abcdef0123456789abcdef", "Algorithm": "ES256" } ] }""", "Spillway:Access:Issuers:0:Keys:0:Secret is for ES256, which does not fit it or is not one of its issuer's algorithms (HS256).")]
    [InlineData("""{ "Algorithms": ["HS256"], "Keys": [ { "Jwk": "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}" } ] }""", "Spillway:Access:Issuers:0:Keys:0:Jwk is a secret of 6 bytes")]
    [InlineData("""{ "Algorithms": ["ES256"], "Keys": [ { "Id": "a", "Jwk": "{}" } ] }""", "Spillway:Access:Issuers:0:Keys:0:Jwk says its own kid and alg; leave Id and Algorithm out.")]
    [InlineData("""{ "Algorithms": ["ES256"], "Keys": [ { "PemFile": "no/such/file" } ] }""", "Spillway:Access:Issuers:0:Keys:0:PemFile is \"no/such/file\", which cannot be read: ")]
    [InlineData("""{ "Algorithms": ["ES256"], "JwksFile": "a" }, { "Algorithms": ["ES256"], "JwksFile": "b" }""", "Spillway:Access:Issuers has issuers without Issuer 2 times; give one all the keys.")]
    [InlineData("""{ "Algorithms": "ES256", "JwksFile": "a" }""", "Spillway:Access:Issuers:0:Algorithms is \"ES256\", but it is a list; write Spillway:Access:Issuers:0:Algorithms:0 for the first.")]
    [InlineData("""{ "Algorithms": [ { "a": "b" } ], "JwksFile": "a" }""", "Spillway:Access:Issuers:0:Algorithms:0 is in a list of texts, whose members are numbered and are texts; write Spillway:Access:Issuers:0:Algorithms:0 for the first.")]
    public void FindFaults_WrongIssuer_NamesKeyValueAndRemedyButNoSecret(string issuers, string start)
    {
        var faults = SpillwayConfiguration.FindFaults(ConfigurationOf(issuers));

        Assert.Contains(faults, fault => fault.StartsWith(start, StringComparison.Ordinal));
        Assert.DoesNotContain(faults, static fault => fault.Contains("weak-weak", StringComparison.Ordinal) || fault.Contains("c2VjcmV0", StringComparison.Ordinal));
    }

    [Fact]
    public void FindFaults_TimesOfKeySetsCross_SaysSo()
    {
        var options = new AccessOptions { KeySetInterval = TimeSpan.FromHours(1), KeySetMaxAge = TimeSpan.FromMinutes(1) };

        Assert.Equal(["Spillway:Access:KeySetInterval, KeySetMaxAge and KeySetKeepFor are not in this order; give each at least the time of the one before."], TokenSetup.FindFaults(options));
        Assert.Empty(TokenSetup.FindFaults(new AccessOptions()));
    }

    [Fact]
    public void FindChanges_AlgorithmsDiffer_NamesTheIssuersOnlyWhereTheModeDiffers()
    {
        const string One = """{ "Issuer": "a", "Algorithms": ["ES256"], "JwksFile": "f" }""";
        var (before, same, after) = (new SpillwayOptions(), new SpillwayOptions(), new SpillwayOptions());
        SpillwayConfiguration.Bind(ConfigurationOf(One), before, []);
        SpillwayConfiguration.Bind(ConfigurationOf(One), same, []);
        SpillwayConfiguration.Bind(ConfigurationOf(One.Replace("ES256", "ES384", StringComparison.Ordinal)), after, []);

        Assert.Empty(SpillwayConfiguration.FindChanges(before, same));
        Assert.Empty(SpillwayConfiguration.FindChanges(before, after));
        after.Access.Mode = AccessMode.Tokens;
        Assert.Equal(["Spillway:Access:Issuers", "Spillway:Access:Mode"], SpillwayConfiguration.FindChanges(before, after).Order(StringComparer.Ordinal));
    }

    private static string Json(string text) => JsonSerializer.Serialize(text);

    private static IConfiguration ConfigurationOf(string issuers) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Spillway": { "Access": { "Issuers": [ {{issuers}} ] } } }"""))).Build();

    private static AccessOptions Read(string issuers)
    {
        var configuration = ConfigurationOf(issuers);
        var options = new SpillwayOptions();
        Assert.Empty(SpillwayConfiguration.FindFaults(configuration));
        SpillwayConfiguration.Bind(configuration, options, []);
        return options.Access;
    }

    private static TokenValidator Create(AccessOptions options) =>
        TokenSetup.Create(options, new SpillwayTicketReader(), new TokenMetrics(new MetricCollector()), new ManualTimeProvider(), NullLogger.Instance);

    private static async Task<TokenFault> CheckAsync(TokenValidator validator, string token) =>
        (await validator.ValidateAsync(Encoding.ASCII.GetBytes(token), TestContext.Current.CancellationToken)).Fault;

    private static string HmacOf(string secret, string payload) => TestKeys.Join(
        """{"alg":"HS256"}""", payload, signed => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));
}
