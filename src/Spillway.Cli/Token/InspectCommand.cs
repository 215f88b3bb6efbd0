using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Spillway.Access;
using Spillway.Access.Certificates;
using Spillway.Access.Tokens;
using Spillway.Cli.Arguments;
using Spillway.Events;

namespace Spillway.Cli.Token;

/// <summary><c>spillway token inspect</c>.</summary>
internal sealed class InspectCommand(Terminal terminal)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true }; // It escapes what a terminal could take for a command.

    private readonly Argument<string?> _token = TokenInput.Argument();

    private readonly Option<string?> _certificate = Values.Text("--certificate", "FILE", "A client certificate in PEM, to be inspected in a token's place. Default: none.");

    public static Command Create(Terminal terminal)
    {
        var self = new InspectCommand(terminal);
        var command = new Command("inspect", "Takes a token apart and says what is wrong with it, without keys; ends with 1 if something is. The signature is neither checked nor shown. Of an API key or a client certificate it says what settings name it by.")
        {
            self._token, self._certificate,
        };
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        if (result.GetValue(_certificate) is { } file)
        {
            return await InspectCertificateAsync(file);
        }

        var token = await TokenInput.ReadAsync(terminal, result.GetValue(_token), cancellationToken);
        var text = Encoding.UTF8.GetString(token);
        if (text.StartsWith(ApiKeyRing.Prefix, StringComparison.Ordinal))
        {
            await terminal.Out.WriteLineAsync($"an API key, of which settings hold\nSha256   {Convert.ToHexStringLower(SHA256.HashData(token))}");
            return ExitCode.Success;
        }

        var parts = text.Split('.');
        if (parts.Length != 3)
        {
            await terminal.Out.WriteLineAsync("It has not the three parts of a signed token. If only its server can read it, that is as it should be: spillway token explain asks there (Access:Introspection).");
        }

        await terminal.Out.WriteLineAsync($"header   {Shown(parts, 0)}");
        await terminal.Out.WriteLineAsync($"payload  {Shown(parts, 1)}");
        if (CompactJws.TryParse(token, new TokenLimits(), out var jws, out _, out var fault))
        {
            await terminal.Out.WriteLineAsync($"{jws.Signature.Length} bytes of signature, which are not checked: spillway token explain does that");
        }

        var faults = jws is null ? [fault] : FindFaults(jws).ToList();
        foreach (var each in faults)
        {
            await terminal.Out.WriteLineAsync($"wrong    {each}");
        }

        return faults.Count == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private async Task<int> InspectCertificateAsync(string file)
    {
        using var certificate = TokenInput.ReadCertificate(file);
        var subject = SubjectText.Of(certificate.SubjectName);
        await terminal.Out.WriteLineAsync($"a client certificate, which settings name by one of\nSha256   {certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()}");
        await terminal.Out.WriteLineAsync(subject is null ? "         (its subject has no text here)" : $"Subject  {ShownText.Line(subject)}");
        var (from, to, now) = (CertificateRing.BeginOf(certificate), CertificateRing.EndOf(certificate), terminal.Clock.GetUtcNow());
        await terminal.Out.WriteLineAsync($"valid    from {Timestamp.Format(from)} until {Timestamp.Format(to)}");
        return now >= from && now < to ? ExitCode.Success : ExitCode.Failure;
    }

    private IEnumerable<string> FindFaults(CompactJws jws)
    {
        if (TokenProfile.Native.FindFaultOfType(jws.Header.Type) is { } wrongType)
        {
            yield return wrongType;
        }

        if (!SignatureAlgorithm.TryFind(jws.Header.Algorithm, out var algorithm))
        {
            yield return $"The token's alg is \"{ShownText.Of(jws.Header.Algorithm)}\", which no hub takes; {string.Join(", ", SignatureAlgorithm.All)} are known.";
        }

        if (algorithm is { CurveBits: > 0 } && jws.Signature.Length != (algorithm.CurveBits + 7) / 8 * 2)
        {
            yield return $"The token's signature has {jws.Signature.Length} bytes; {algorithm} has {(algorithm.CurveBits + 7) / 8 * 2}, two numbers side by side and no DER.";
        }

        var limits = new TokenLimits();
        if (!StrictJson.TryParseObject(jws.Payload, limits.Depth, out var document, out var fault))
        {
            yield return $"The token's payload {fault}.";
            yield break;
        }

        using (document)
        {
            if (!TokenClaims.TryRead(document.RootElement, limits, out var claims, out fault))
            {
                yield return fault;
                yield break;
            }

            foreach (var each in FindFaultsOfTime(claims))
            {
                yield return each;
            }

            if (!new SpillwayTicketReader().TryRead(claims, document.RootElement, limits, out var ticket, out fault))
            {
                yield return fault;
            }
            else if (ticket is { Admin: false, Publish.IsEmpty: true, Subscribe.IsEmpty: true })
            {
                yield return $"The token grants nothing: it has no {SpillwayTicketReader.Claim} with publish, subscribe or admin.";
            }
        }
    }

    private IEnumerable<string> FindFaultsOfTime(TokenClaims claims)
    {
        var now = terminal.Clock.GetUtcNow();
        if (claims.Expires <= now)
        {
            yield return $"The token expired at {Timestamp.Format(claims.Expires.Value)}, {(now - claims.Expires.Value).TotalSeconds:0} s ago.";
        }

        if (claims.NotBefore > now)
        {
            yield return $"The token is not good before {Timestamp.Format(claims.NotBefore.Value)}.";
        }

        if (claims.IssuedAt > now)
        {
            yield return $"The token was made at {Timestamp.Format(claims.IssuedAt.Value)}, which is in the future by this machine's clock.";
        }
    }

    private static string Shown(string[] parts, int index)
    {
        if (index >= parts.Length || !Base64UrlText.TryDecode(parts[index], out var bytes))
        {
            return index >= parts.Length ? "is missing" : "is not base64url";
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            return JsonSerializer.Serialize(document.RootElement, Indented);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "is not JSON";
        }
    }
}
