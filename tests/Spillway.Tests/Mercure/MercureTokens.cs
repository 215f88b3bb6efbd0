using System.Security.Cryptography;
using System.Text;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Mercure;

/// <summary>Tokens of both dialects, good for a minute. It shares no code with what it tests.</summary>
internal static class MercureTokens
{
    public const string Url = "https://hub.example/.well-known/mercure";
    public const string PublisherKey = "publisher-key-of-32-bytes-or-more";
    public const string SubscriberKey = "!ChangeThisMercureHubJWTSecretKey!";
    public const string Header = """{"alg":"ES256","typ":"at+jwt"}""";

    /// <summary>A detail of Mercure's type.</summary>
    public static string Detail(string actions, string topics, string more = "") =>
        $$"""{"type":"https://mercure.rocks/authorization-detail","actions":[{{actions}}],"topics":[{{topics}}]{{(more.Length > 0 ? "," + more : "")}}}""";

    /// <summary>A token of draft 8 with a list of details.</summary>
    public static string Draft(string details, string header = Header, string? payload = null) => TestKeys.Make("ES256", payload ?? DraftPayload(details), header);

    public static string DraftPayload(string details, string more = "") => DraftPayload($"\"{Url}\"", TokenRig.Seconds + 60, $"\"authorization_details\":{details}{(more.Length > 0 ? "," + more : "")}");

    public static string DraftPayload(string audience, long? expires, string more) =>
        $$"""{"iss":"{{TestKeys.Issuer}}","aud":{{audience}}{{(expires is { } end ? $",\"exp\":{end}" : "")}},{{more}}}""";

    /// <summary>A token of 0.x as its clients make them: no iss, no aud, no exp.</summary>
    public static string Classic(string key, string claims, string header = """{"alg":"HS256","typ":"JWT"}""") =>
        TestKeys.Join(header, claims, signed => HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), signed));

    public static string Publisher(string topics = "\"*\"") => Classic(PublisherKey, $$$"""{"mercure":{"publish":[{{{topics}}}]}}""");

    public static string Subscriber(string topics = "\"*\"", string more = "") => Classic(SubscriberKey, $$$"""{"mercure":{"subscribe":[{{{topics}}}]}{{{(more.Length > 0 ? "," + more : "")}}}}""");
}
