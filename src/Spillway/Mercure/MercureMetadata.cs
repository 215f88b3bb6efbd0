using System.Buffers;
using System.Text.Json;
using Spillway.Mercure.Tokens;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>What a Mercure hub says of itself to those who look for a token (RFC 9728, D1). Immutable.</summary>
internal sealed class MercureMetadata
{
    private const string Prefix = "/.well-known/oauth-protected-resource";

    private MercureMetadata(string url, byte[] document) => (Url, Document) = (url, document);

    /// <summary>Where it is, for the challenge.</summary>
    public string Url { get; }

    /// <summary>The document, in JSON.</summary>
    public byte[] Document { get; }

    /// <summary>The path of the document of a hub at a path.</summary>
    public static string PathOf(string hubPath) => Prefix + (hubPath == "/" ? "" : hubPath);

    /// <param name="hub">The hub's options.</param>
    /// <param name="servers">Issuers that make tokens for others (RFC 8414).</param>
    /// <param name="cookie">The cookie that holds a token; null for none.</param>
    public static MercureMetadata Create(MercureOptions hub, IReadOnlyList<string> servers, string? cookie)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, ProblemWriter.Legible))
        {
            json.WriteStartObject();
            json.WriteString("resource"u8, hub.Url);
            WriteList(json, "authorization_servers", servers);
            WriteList(json, "authorization_details_types_supported", [DetailsReader.Type]);
            WriteList(json, "bearer_methods_supported", ["header"]);
            WriteList(json, "mercure_matcher_types_supported", MatcherReader.Types);
            if (cookie is not null)
            {
                json.WriteString("mercure_cookie"u8, cookie);
            }

            if (hub.Subscriptions)
            {
                json.WriteBoolean("mercure_subscriptions"u8, true);
            }

            json.WriteEndObject();
        }

        var url = new Uri(hub.Url);
        return new MercureMetadata(url.GetLeftPart(UriPartial.Authority) + PathOf(hub.UrlPath), output.WrittenSpan.ToArray());
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
