using System.Diagnostics;
using System.Formats.Asn1;
using System.Text;
using System.Text.Json;
using Spillway.Access.Tokens;
using Spillway.TestKit;
using Spillway.Tests.Cli;
using Spillway.Tests.Tidy;

namespace Spillway.Tests.Access.Tokens;

/// <summary>Tokens that openssl and jose (npm) make, and one of ours that jose verifies.</summary>
public sealed class ForeignTokenTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-tokens").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("RS256", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-sha256")]
    [InlineData("RS512", "-algorithm RSA -pkeyopt rsa_keygen_bits:3072", "-sha512")]
    [InlineData("PS256", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest")]
    [InlineData("PS384", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest")]
    [InlineData("ES256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "-sha256")]
    [InlineData("ES384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", "-sha384")]
    [InlineData("ES512", "-algorithm EC -pkeyopt ec_paramgen_curve:P-521", "-sha512")]
    public async Task Validate_TokenOfOpenssl_IsGoodAndBadWhenChanged(string algorithm, string make, string sign)
    {
        await OpensslAsync($"genpkey {make} -out key.pem");
        await OpensslAsync("pkey -in key.pem -pubout -out public.pem");
        var signed = Encoding.ASCII.GetBytes($"{TestKeys.Encode(Encoding.ASCII.GetBytes($$"""{"alg":"{{algorithm}}"}"""))}.{TestKeys.Encode(Encoding.ASCII.GetBytes(TokenRig.Payload()))}");
        await File.WriteAllBytesAsync(Path.Combine(_directory, "signed"), signed, Cancellation);
        await OpensslAsync($"dgst {sign} -sign key.pem -out signature signed");
        var der = await File.ReadAllBytesAsync(Path.Combine(_directory, "signature"), Cancellation);
        var pem = await File.ReadAllTextAsync(Path.Combine(_directory, "public.pem"), Cancellation);
        Assert.True(new PemReader(new KeyMaker(SignatureAlgorithm.All)).TryRead(null, pem, algorithm, out var key, out var fault), fault);
        var validator = TokenRig.Validator(TokenRig.Issuer(TestKeys.Issuer, key));

        var signature = algorithm[0] == 'E' ? SideBySide(der, algorithm) : der;

        Assert.True(validator.Check(Token(signature)).IsGood);
        signature[^1] ^= 1;
        Assert.Equal(TokenFault.Signature, validator.Check(Token(signature)).Fault);
        Assert.True(algorithm[0] != 'E' || validator.Check(Token(der)).Fault == TokenFault.Signature); // The shape that openssl writes.

        string Token(byte[] bytes) => $"{Encoding.ASCII.GetString(signed)}.{TestKeys.Encode(bytes)}";
    }

    [Fact]
    public async Task Validate_PssSaltOfAnotherLength_IsRefused()
    {
        await OpensslAsync("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem");
        await OpensslAsync("pkey -in key.pem -pubout -out public.pem");
        var signed = Encoding.ASCII.GetBytes($"{TestKeys.Encode("""{"alg":"PS256"}"""u8.ToArray())}.{TestKeys.Encode(Encoding.ASCII.GetBytes(TokenRig.Payload()))}");
        await File.WriteAllBytesAsync(Path.Combine(_directory, "signed"), signed, Cancellation);
        await OpensslAsync("dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20 -sign key.pem -out signature signed");
        var signature = await File.ReadAllBytesAsync(Path.Combine(_directory, "signature"), Cancellation);
        Assert.True(new PemReader(new KeyMaker(SignatureAlgorithm.All)).TryRead(null, await File.ReadAllTextAsync(Path.Combine(_directory, "public.pem"), Cancellation), null, out var key, out _));

        Assert.Equal(TokenFault.Signature, TokenRig.Validator(TokenRig.Issuer(TestKeys.Issuer, key)).Check($"{Encoding.ASCII.GetString(signed)}.{TestKeys.Encode(signature)}").Fault);
    }

    [Fact]
    public async Task Validate_TokensOfJose_AreGoodForEachAlgorithm()
    {
        var output = await RunAsync("node", [Path.Combine(Repository.Root, "tests/js/mintTokens.js"), TokenRig.Payload("\"spillway\":{\"subscribe\":[\"a/*\"]}")]);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        var keys = $$"""{"keys":[{{string.Join(',', lines.Select(static line => line.GetProperty("jwk").GetRawText()))}}]}""";
        var reader = new KeySetReader(new JwkReader(new KeyMaker(SignatureAlgorithm.All), takesSecrets: true), new KeySetLimits());
        Assert.True(reader.TryRead(Encoding.UTF8.GetBytes(keys), out var set, out var skipped, out _) && skipped.Count == 0, string.Join(", ", skipped));
        var validator = TokenRig.Validator(TokenRig.Issuer(TestKeys.Issuer, [.. set.Keys]));

        Assert.Equal(SignatureAlgorithm.All.Count, lines.Length);
        Assert.All(lines, line => Assert.Equal(["a/*"], validator.Check(line.GetProperty("token").GetString()!).Ticket?.Subscribe.Texts ?? []));
    }

    [Fact]
    public async Task Mint_OurToken_IsVerifiedByJose()
    {
        var point = TestKeys.P256.ExportParameters(false).Q;
        var jwk = $$"""{"kty":"EC","crv":"P-256","alg":"ES256","x":"{{TestKeys.Encode(point.X!)}}","y":"{{TestKeys.Encode(point.Y!)}}"}""";
        await File.WriteAllTextAsync(Path.Combine(_directory, "key.pem"), TestKeys.P256.ExportPkcs8PrivateKeyPem(), Cancellation);
        var run = new CliRun { Clock = new ManualTimeProvider() };
        await run.RunAsync("token", "mint", "--key", Path.Combine(_directory, "key.pem"), "--subject", "ann", "--publish", "jobs/**");

        var payload = JsonDocument.Parse(await RunAsync("node", [Path.Combine(Repository.Root, "tests/js/verifyToken.js"), jwk, run.Out.Lines[0]])).RootElement;

        Assert.Equal(("ann", TokenRig.Seconds + 3600), (payload.GetProperty("sub").GetString(), payload.GetProperty("exp").GetInt64()));
    }

    private static byte[] SideBySide(byte[] der, string algorithm)
    {
        var length = algorithm switch { "ES256" => 32, "ES384" => 48, _ => 66 };
        var numbers = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        return [.. Padded(), .. Padded()];

        byte[] Padded()
        {
            var number = numbers.ReadInteger().ToByteArray(isUnsigned: true, isBigEndian: true);
            return [.. new byte[length - number.Length], .. number];
        }
    }

    private Task<string> OpensslAsync(string arguments) => RunAsync("openssl", arguments.Split(' '));

    private async Task<string> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await error}");
        return await output;
    }
}
