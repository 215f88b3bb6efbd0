using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spillway.Access;
using Spillway.Access.Tokens;
using Spillway.Cli.Arguments;

namespace Spillway.Cli.Token;

/// <summary><c>spillway token mint</c>.</summary>
internal sealed class MintCommand(Terminal terminal)
{
    private const int IdBytes = 12; // Nobody draws it twice.

    private static readonly TimeSpan DefaultDuration = TimeSpan.FromHours(1);

    // What stands in JSON stays as it was written: the token goes into no page.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string?> _key = Values.Text("--key", "FILE", "A private key in PEM or JSON (JWK), or a secret of 32 bytes or more. Has to be given.");
    private readonly Option<string?> _keyId = Values.Text("--key-id", "ID", "The token's kid. Default: the one in a JWK, else none.");
    private readonly Option<string?> _algorithm = Values.Choice(
        "--algorithm", [.. SignatureAlgorithm.All.Select(static each => each.Name)], "How it is signed. Default: what fits the key: RS256, HS256, or the one of its curve.");

    private readonly Option<string?> _issuer = Values.Text("--issuer", "NAME", "The token's iss. Default: none.");
    private readonly Option<string[]> _audience = Values.Texts("--audience", "NAME", "The token's aud; may be given several times. Default: none.");
    private readonly Option<string?> _subject = Values.Text("--subject", "NAME", "The token's sub: whose it is. Default: none.");
    private readonly Option<string?> _id = Values.Text("--id", "ID", "The token's jti, by which it can be revoked. Default: a new one.");
    private readonly Option<TimeSpan?> _duration = Values.Duration(
        "--expires-in", TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650), "1s to 3650d", "How long it is good. Default: 1h.");

    private readonly Option<string[]> _publish = Values.Texts("--publish", "TOPIC", "A topic or pattern that may be published to; may be given several times. Default: none.");
    private readonly Option<string[]> _subscribe = Values.Texts("--subscribe", "TOPIC", "A topic or pattern that may be subscribed to; may be given several times. Default: none.");
    private readonly Option<bool> _admin = Values.Flag("--admin", "Grants what operators do. Default: off.");
    private readonly Option<string?> _address = Values.Text("--address", "ADDRESS", "The only address or network, like 192.0.2.0/24, from which it is good. Default: any.");
    private readonly Option<string?> _client = Values.Text("--client", "NAME", "The only client for which it is good. Default: any.");
    private readonly Option<string[]> _claim = Values.Texts("--claim", "NAME=JSON", "Another claim, for example 'name=\"Ada\"'; may be given several times. Default: none.");

    public static Command Create(Terminal terminal)
    {
        var self = new MintCommand(terminal);
        var command = new Command("mint", "Makes a token and prints it.")
        {
            self._key, self._keyId, self._algorithm, self._issuer, self._audience, self._subject, self._id, self._duration,
            self._publish, self._subscribe, self._admin, self._address, self._client, self._claim,
        };
        command.SetAction((result, _) => self.RunAsync(result));
        return command;
    }

    private async Task<int> RunAsync(ParseResult result)
    {
        var file = result.GetValue(_key) ?? throw new UsageException("--key is missing; name the file with the private key or the secret.");
        var payload = ReadPayload(result);
        using var key = SigningKey.Of(KeyMaterial.Read(file), result.GetValue(_algorithm), result.GetValue(_keyId));
        var header = new JsonObject { ["alg"] = key.Algorithm.Name, ["typ"] = "JWT" };
        if (key.Id is { } id)
        {
            header["kid"] = id;
        }

        await terminal.Out.WriteLineAsync(key.Sign(header.ToJsonString(Plain), payload.ToJsonString(Plain)));
        return ExitCode.Success;
    }

    private JsonObject ReadPayload(ParseResult result)
    {
        var now = terminal.Clock.GetUtcNow().ToUnixTimeSeconds();
        var payload = new JsonObject();
        Add("iss", result.GetValue(_issuer));
        Add("sub", result.GetValue(_subject));
        Add("jti", result.GetValue(_id) ?? Base64UrlText.Encode(RandomNumberGenerator.GetBytes(IdBytes)));
        var audiences = result.GetValue(_audience) ?? [];
        if (audiences.Length > 0)
        {
            payload["aud"] = audiences.Length == 1 ? audiences[0] : ToList(audiences);
        }

        payload["iat"] = now;
        payload["exp"] = now + (long)Math.Ceiling((result.GetValue(_duration) ?? DefaultDuration).TotalSeconds);
        AddClaims(payload, result.GetValue(_claim) ?? []);
        if (ReadGrants(result) is { Count: > 0 } grants)
        {
            payload[SpillwayTicketReader.Claim] = grants;
        }

        return payload;

        void Add(string name, string? text)
        {
            if (text is not null)
            {
                payload[name] = text;
            }
        }
    }

    private JsonObject ReadGrants(ParseResult result)
    {
        var grants = new JsonObject();
        foreach (var option in new[] { _publish, _subscribe })
        {
            var texts = result.GetValue(option) ?? [];
            if (!GrantSet.TryCreate(texts, int.MaxValue, out _, out var fault))
            {
                throw new UsageException($"{option.Name}: {fault}");
            }

            if (texts.Length > 0)
            {
                grants[option.Name.TrimStart('-')] = ToList(texts);
            }
        }

        if (result.GetValue(_admin))
        {
            grants["admin"] = true;
        }

        if (result.GetValue(_address) is { } address)
        {
            grants["address"] = AddressText.TryParse(address, out _)
                ? address
                : throw new UsageException($"--address is \"{address}\"; give it an address, or a network like 192.0.2.0/24 with no bit behind its length.");
        }

        if (result.GetValue(_client) is { } client)
        {
            grants["client"] = client;
        }

        return grants;
    }

    private static void AddClaims(JsonObject payload, string[] claims)
    {
        foreach (var claim in claims)
        {
            var (name, value) = claim.Split('=', 2) is [{ Length: > 0 } left, var right] ? (left, right)
                : throw new UsageException($"--claim is \"{claim}\"; write it NAME=JSON, for example 'name=\"Ada\"'.");
            if (payload.ContainsKey(name) || name == SpillwayTicketReader.Claim)
            {
                throw new UsageException($"--claim is \"{claim}\", but there is a {name} already; it has an option of its own, or was given twice.");
            }

            try
            {
                payload[name] = JsonNode.Parse(value);
            }
            catch (JsonException)
            {
                throw new UsageException($"--claim is \"{claim}\", whose value is no JSON; a text needs quotes of its own: '{name}=\"...\"'.");
            }
        }
    }

    private static JsonArray ToList(string[] texts) => [.. texts.Select(static text => JsonValue.Create(text))];
}
