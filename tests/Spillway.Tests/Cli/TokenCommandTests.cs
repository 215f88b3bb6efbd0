using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Spillway.Cli;
using Spillway.TestKit;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Cli;

public sealed class TokenCommandTests : IDisposable
{
    private const string Secret = "a secret that is long enough for HS256";

    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-token").FullName;
    private readonly ManualTimeProvider _clock = new();

    private string KeyFile => Path.Combine(_directory, "key");

    private string ConfigFile => Path.Combine(_directory, "hub.json");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Mint_AllOptions_MakesTheTokenThatTheyDescribe()
    {
        await File.WriteAllTextAsync(KeyFile, Secret + "\n", TestContext.Current.CancellationToken);

        var token = await MintAsync(
            "--key-id", "k", "--issuer", "me", "--audience", "hub", "--subject", "ann", "--id", "t-1", "--expires-in", "5m", "--publish", "jobs/**",
            "--subscribe", "a", "--subscribe", "b/*", "--admin", "--address", "192.0.2.0/24", "--client", "kiosk", "--claim", "name=\"Ada\"");

        var parts = token.Split('.');
        Assert.Equal("""{"alg":"HS256","typ":"JWT","kid":"k"}""", Decode(parts[0]));
        Assert.Equal(
            """{"iss":"me","sub":"ann","jti":"t-1","aud":"hub","iat":1769846400,"exp":1769846700,"name":"Ada","spillway":{"publish":["jobs/**"],"subscribe":["a","b/*"],"admin":true,"address":"192.0.2.0/24","client":"kiosk"}}""",
            Decode(parts[1]));
        Assert.Equal(TestKeys.Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"))), parts[2]);
    }

    [Theory]
    [InlineData("PKCS8", "ES256", "P-256")]
    [InlineData("SEC1", "ES384", "P-384")]
    [InlineData("PKCS8", "ES512", "P-521")]
    [InlineData("PKCS8", "RS256", "RSA")]
    [InlineData("PKCS1", "PS384", "RSA")]
    [InlineData("JWK", "ES256", "P-256")]
    public async Task Mint_EachFormOfAKey_VerifiesWithItsPublicHalf(string form, string algorithm, string kind)
    {
        AsymmetricAlgorithm key = kind switch { "P-256" => TestKeys.P256, "P-384" => TestKeys.P384, "P-521" => TestKeys.P521, _ => TestKeys.Rsa };
        await File.WriteAllTextAsync(KeyFile, form switch
        {
            "PKCS8" => key.ExportPkcs8PrivateKeyPem(),
            "SEC1" => ((ECDsa)key).ExportECPrivateKeyPem(),
            "PKCS1" => ((RSA)key).ExportRSAPrivateKeyPem(),
            _ => TestKeys.JwkOf((ECDsa)key, "k").Replace("\"kid\"", $"\"d\":\"{TestKeys.Encode(((ECDsa)key).ExportParameters(true).D!)}\",\"kid\"", StringComparison.Ordinal),
        }, TestContext.Current.CancellationToken);
        Configure($$"""{ "Issuer": "me", "Algorithms": ["{{algorithm}}"], "Keys": [ { "Pem": {{JsonSerializer.Serialize(key.ExportSubjectPublicKeyInfoPem())}} } ] }""");

        var token = await MintAsync("--algorithm", algorithm, "--issuer", "me", "--subscribe", "a/**");
        var run = Run(token);

        Assert.Equal(ExitCode.Success, await run.RunAsync("token", "explain", "--topic", "a/b", "--config", ConfigFile));
        Assert.Equal("yes: \"a/b\" may be subscribed to, by the grant \"a/**\".", run.Out.Lines[0]);
    }

    [Theory]
    [InlineData("--key is missing", "--subject", "ann")]
    [InlineData("--key is \"no-such-file\", which cannot be read", "--key", "no-such-file")]
    [InlineData("--publish: The grant \"a/**/b\" has", "--key", "KEY", "--publish", "a/**/b")]
    [InlineData("--address is \"127.0.0.1/8\"", "--key", "KEY", "--address", "127.0.0.1/8")]
    [InlineData("--claim is \"x\"; write it", "--key", "KEY", "--claim", "x")]
    [InlineData("--claim is \"x=y\", whose value is no JSON", "--key", "KEY", "--claim", "x=y")]
    [InlineData("--claim is \"exp=1\", but there is a exp already", "--key", "KEY", "--claim", "exp=1")]
    [InlineData("--algorithm is \"RS256\", but --key holds a secret of 38 bytes; give it HS256.", "--key", "KEY", "--algorithm", "RS256")]
    public async Task Mint_WrongOption_SaysWhatToDoAndNotTheSecret(string fault, params string[] arguments)
    {
        await File.WriteAllTextAsync(KeyFile, Secret, TestContext.Current.CancellationToken);
        var run = Run("");

        var code = await run.RunAsync(["token", "mint", .. arguments.Select(argument => argument == "KEY" ? KeyFile : argument)]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith($"spillway: {fault}", run.Error.Lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, run.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short", "--key holds a secret of 5 bytes, which is too weak")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "--key is \"FILE\", which is a PUBLIC KEY; only a private key makes tokens.")]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----", "--key is \"FILE\", which is encrypted")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "--key is \"FILE\", which holds no key that can be read")]
    [InlineData("{\"kty\":\"EC\"}", "--key is \"FILE\", which has no private RSA, EC or oct key (kty, and d or k).")]
    [InlineData("{", "--key is \"FILE\", which is not JSON with each member once")]
    public async Task Mint_NoKeyInTheFile_SaysSo(string content, string fault)
    {
        await File.WriteAllTextAsync(KeyFile, content, TestContext.Current.CancellationToken);
        var run = Run("");

        Assert.Equal(ExitCode.Usage, await run.RunAsync("token", "mint", "--key", KeyFile));
        Assert.StartsWith($"spillway: {fault.Replace("FILE", KeyFile, StringComparison.Ordinal)}", run.Error.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mint_KeyOfAnotherCurve_IsRefused()
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"));
        await File.WriteAllTextAsync(KeyFile, key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var run = Run("");

        Assert.Equal(ExitCode.Usage, await run.RunAsync("token", "mint", "--key", KeyFile));
        Assert.StartsWith("spillway: --key holds a key on a curve of 256 bits, which is too weak or of another curve", run.Error.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_GoodToken_ShowsItWithoutItsSignature()
    {
        var token = TestKeys.Make("ES256", TokenRig.Payload("\"spillway\":{\"subscribe\":[\"a\"]}"));
        var run = Run(token + "\n");

        Assert.Equal(ExitCode.Success, await run.RunAsync("token", "inspect"));

        Assert.Contains("\"alg\": \"ES256\"", run.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"subscribe\": [", run.Out.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(token.Split('.')[2][..8], run.Out.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"alg":"none"}""", """{"spillway":{"admin":true}}""", "wrong    The token's alg is \"none\", which no hub takes; HS256,")]
    [InlineData("""{"alg":"ES256","typ":"dpop+jwt"}""", """{"spillway":{"admin":true}}""", "wrong    The token's typ is \"dpop+jwt\", so it was made for something else; an access token has JWT, at+jwt or none.")]
    [InlineData("""{"alg":"ES256"}""", """{"exp":1769846390,"spillway":{"admin":true}}""", "wrong    The token expired at 2026-01-31T07:59:50Z, 10 s ago.")]
    [InlineData("""{"alg":"ES256"}""", """{"nbf":1769846410,"spillway":{"admin":true}}""", "wrong    The token is not good before 2026-01-31T08:00:10Z.")]
    [InlineData("""{"alg":"ES256"}""", """{"iat":1769846410,"spillway":{"admin":true}}""", "wrong    The token was made at 2026-01-31T08:00:10Z, which is in the future by this machine's clock.")]
    [InlineData("""{"alg":"ES256"}""", "{}", "wrong    The token grants nothing: it has no spillway with publish, subscribe or admin.")]
    [InlineData("""{"alg":"ES256"}""", """{"spillway":{"x":1}}""", "wrong    The token's spillway has \"x\", which is not known;")]
    [InlineData("""{"alg":"ES256","crit":[]}""", "{}", "wrong    The token's header has crit,")]
    [InlineData("""{"alg":"ES256"}""", """{"a":1,"a":2}""", "wrong    The token's payload is not JSON with each member once")]
    [InlineData("""{"alg":"ES384"}""", """{"spillway":{"admin":true}}""", "wrong    The token's signature has 64 bytes; ES384 has 96,")]
    public async Task Inspect_SomethingIsWrong_SaysWhatAndEndsWith1(string header, string payload, string line)
    {
        var run = Run("");

        Assert.Equal(ExitCode.Failure, await run.RunAsync("token", "inspect", TestKeys.Make("ES256", payload, header)));
        Assert.StartsWith(line, run.Out.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_ControlCharacters_DoNotReachTheTerminal()
    {
        var run = Run(TestKeys.Make("ES256", "{\"sub\":\"\\u001b[2J\\u009b\"}"));

        await run.RunAsync("token", "inspect");

        Assert.DoesNotContain(run.Out.ToString(), static c => char.IsControl(c) && c != '\n');
    }

    [Theory]
    [InlineData("a/x", false, 0, "yes: \"a/x\" may be subscribed to, by the grant \"a/*\".")]
    [InlineData("jobs/1/2", true, 0, "yes: \"jobs/1/2\" may be published to, by the grant \"jobs/**\".")]
    [InlineData("a/x", true, 1, "no: it is good, but \"a/x\" may not be published to; for publishing it grants \"jobs/**\".")]
    [InlineData("q", false, 1, "no: it is good, but \"q\" may not be subscribed to; for subscribing it grants \"b\", \"a/*\".")]
    [InlineData("a/*", false, 0, "yes: \"a/*\" may be subscribed to as a whole.")]
    [InlineData("**", false, 0, "yes: of \"**\" this would be delivered: \"a/*\", \"b\".")]
    [InlineData("q/**", false, 1, "no: it is good, but \"q/**\" may not be subscribed to; for subscribing it grants \"b\", \"a/*\".")]
    public async Task Explain_GoodToken_TellsByWhichGrantOrThatThereIsNone(string topic, bool publish, int code, string line)
    {
        ConfigureEs256();
        var run = Run(TestKeys.Make("ES256", TokenRig.Payload(""" "sub":"ann","spillway":{"publish":["jobs/**"],"subscribe":["a/*","b"],"address":"192.0.2.7"}""")));

        Assert.Equal(code, await run.RunAsync(["token", "explain", "--topic", topic, "--config", ConfigFile, .. publish ? ["--publish"] : Array.Empty<string>()]));

        Assert.Equal(
            [line, "  subject \"ann\", issuer \"https://issuer.example\", token id none", "  until 2026-01-31T08:01:30Z, the issuer's skew included", "  only from 192.0.2.7/32"],
            run.Out.Lines);
    }

    [Fact]
    public async Task Explain_BadToken_SaysWhatIsWrong()
    {
        ConfigureEs256();
        var (expired, forged) = (Run(TestKeys.Make("ES256", $$"""{"iss":"{{TestKeys.Issuer}}","exp":1}""")), Run(TestKeys.Make("RS256", TokenRig.Payload())));

        Assert.Equal(ExitCode.Failure, await expired.RunAsync("token", "explain", "--topic", "a", "--config", ConfigFile));
        Assert.Equal(ExitCode.Failure, await forged.RunAsync("token", "explain", "--topic", "a", "--config", ConfigFile));

        Assert.Equal(["no: The token expired at 1970-01-01T00:00:01Z."], expired.Out.Lines);
        Assert.Equal(["no: The token's alg is \"RS256\"; its issuer may use ES256."], forged.Out.Lines);
    }

    [Theory]
    [InlineData("--topic is missing")]
    [InlineData("--topic is \"a/*\", which has a segment that is a wildcard", "--topic", "a/*", "--publish")]
    [InlineData("Spillway:Access:Issuers is empty, so no token is trusted", "--topic", "a")]
    [InlineData("TOKEN is empty", "--topic", "a", "--config", "CONFIG")]
    public async Task Explain_WrongOption_IsRefused(string fault, params string[] arguments)
    {
        ConfigureEs256();
        var run = Run("");

        Assert.Equal(ExitCode.Usage, await run.RunAsync(["token", "explain", .. arguments.Select(argument => argument == "CONFIG" ? ConfigFile : argument)]));
        Assert.StartsWith($"spillway: {fault}", run.Error.Lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spk_good", 0, "yes: \"a/x\" may be subscribed to, by the grant \"a/*\".", "  API key of \"billing\"", "  for ever: its entry has no Expires")]
    [InlineData("spk_late", 1, "no: it was good until 2026-01-31T08:00:00Z.")]
    [InlineData("spk_other", 1, "no: The API key is none of this hub's.")]
    [InlineData("opaque", 1, "no: The server that can read the token does not say whether it is good.")]
    public async Task Explain_NoSignedToken_IsJudgedAsAHubWould(string credential, int code, params string[] lines)
    {
        ConfigureOthers("CN=press 7,O=Example");
        var run = Run(credential);

        Assert.Equal(code, await run.RunAsync("token", "explain", "--topic", "a/x", "--config", ConfigFile));

        Assert.Equal(lines, run.Out.Lines);
    }

    [Fact]
    public async Task Certificate_InPem_IsExplainedAndInspected()
    {
        using var certificates = new TestCertificates();
        var certificate = certificates.Client("O=Example, CN=press 7", to: _clock.GetUtcNow().AddMinutes(1));
        await File.WriteAllTextAsync(KeyFile, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        ConfigureOthers("CN=press 7,O=Example");
        var (explained, inspected, broken) = (Run(""), Run(""), Run(""));

        Assert.Equal(ExitCode.Success, await explained.RunAsync("token", "explain", "--topic", "jobs", "--publish", "--certificate", KeyFile, "--config", ConfigFile));
        Assert.Equal(ExitCode.Success, await inspected.RunAsync("token", "inspect", "--certificate", KeyFile));
        await File.WriteAllTextAsync(KeyFile, "none", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Usage, await broken.RunAsync("token", "inspect", "--certificate", KeyFile));

        Assert.Equal(["yes: \"jobs\" may be published to, by the grant \"jobs\".", "  client certificate of \"press\"", "  until 2026-01-31T08:01:00Z"], explained.Out.Lines);
        Assert.Equal(
            ["a client certificate, which settings name by one of", $"Sha256   {TestCertificates.HashOf(certificate).ToLowerInvariant()}", "Subject  CN=press 7,O=Example", "valid    from 1970-01-01T00:00:00Z until 2026-01-31T08:01:00Z"],
            inspected.Out.Lines);
        Assert.StartsWith($"spillway: --certificate is \"{KeyFile}\", which cannot be read", broken.Error.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_ApiKey_SaysItsHashAndNotTheKey()
    {
        var run = Run("spk_good");

        Assert.Equal(ExitCode.Success, await run.RunAsync("token", "inspect"));

        Assert.Equal($"Sha256   {Convert.ToHexStringLower(SHA256.HashData("spk_good"u8))}", run.Out.Lines[^1]);
        Assert.DoesNotContain("spk_good", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_OpaqueToken_SaysWhoMayReadIt()
    {
        var run = Run("opaque");

        Assert.Equal(ExitCode.Failure, await run.RunAsync("token", "inspect"));

        Assert.Contains("Access:Introspection", run.Out.Lines[0], StringComparison.Ordinal);
    }

    private static string Decode(string part) => Encoding.UTF8.GetString(Convert.FromBase64String(part.Replace('-', '+').Replace('_', '/').PadRight((part.Length + 3) / 4 * 4, '=')));

    private CliRun Run(string input) => new() { Input = Encoding.UTF8.GetBytes(input), Clock = _clock };

    private async Task<string> MintAsync(params string[] arguments)
    {
        var run = Run("");
        Assert.Equal(ExitCode.Success, await run.RunAsync(["token", "mint", "--key", KeyFile, .. arguments]));
        return Assert.Single(run.Out.Lines);
    }

    private void ConfigureEs256() => Configure(
        $$"""{ "Issuer": "{{TestKeys.Issuer}}", "Algorithms": ["ES256"], "Keys": [ { "Pem": {{JsonSerializer.Serialize(TestKeys.P256.ExportSubjectPublicKeyInfoPem())}} } ] }""");
    /// <summary>Two API keys, a client certificate, and a server for other tokens where nobody listens.</summary>
    private void ConfigureOthers(string subject)
    {
        static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        File.WriteAllText(ConfigFile, $$"""
            { "Spillway": { "Access": {
                "ApiKeys": [ { "Id": "billing", "Sha256": "{{HashOf("spk_good")}}", "Subscribe": ["a/*"] }, { "Id": "late", "Sha256": "{{HashOf("spk_late")}}", "Expires": "2026-01-31T08:00:00Z" } ],
                "ClientCertificates": [ { "Id": "press", "Subject": "{{subject}}", "Publish": ["jobs"] } ],
                "Introspection": { "Url": "http://127.0.0.1:1/introspect", "ClientId": "hub", "ClientSecret": "s" } } } }
            """);
    }

    private void Configure(string issuer) => File.WriteAllText(ConfigFile, $$"""{ "Spillway": { "Access": { "Issuers": [ {{issuer}} ] } } }""");
}
