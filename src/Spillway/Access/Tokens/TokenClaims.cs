using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Spillway.Access.Tokens;

/// <summary>The registered claims of a token (RFC 7519, 4.1), as they were read; whether they are in order is asked later.</summary>
internal sealed record TokenClaims
{
    // .NET's calendar ends a day later, which leaves room for the skew. What is behind it is no time in seconds.
    private const double LastSecond = 253_402_214_400;

    public string? Issuer { get; private init; }

    public string? Subject { get; private init; }

    public string? TokenId { get; private init; }

    /// <summary>For whom it is; empty where it does not say.</summary>
    public IReadOnlyList<string> Audiences { get; private init; } = [];

    public DateTimeOffset? Expires { get; init; }

    public DateTimeOffset? NotBefore { get; private init; }

    public DateTimeOffset? IssuedAt { get; private init; }

    /// <summary>Reads the claims of a payload. <paramref name="fault"/> is a sentence.</summary>
    public static bool TryRead(JsonElement payload, TokenLimits limits, [NotNullWhen(true)] out TokenClaims? claims, out string fault)
    {
        claims = null;
        if (TryReadName(payload, "iss", int.MaxValue, out var issuer, out fault)
            && TryReadName(payload, "sub", limits.NameLength, out var subject, out fault)
            && TryReadName(payload, "jti", limits.NameLength, out var id, out fault)
            && TryReadAudiences(payload, out var audiences, out fault)
            && TryReadTime(payload, "exp", out var expires, out fault)
            && TryReadTime(payload, "nbf", out var notBefore, out fault)
            && TryReadTime(payload, "iat", out var issuedAt, out fault))
        {
            claims = new TokenClaims
            {
                Issuer = issuer,
                Subject = subject,
                TokenId = id,
                Audiences = audiences,
                Expires = expires,
                NotBefore = notBefore,
                IssuedAt = issuedAt,
            };
        }

        return claims is not null;
    }

    private static bool TryReadName(JsonElement payload, string claim, int most, out string? name, out string fault)
    {
        var read = StrictJson.TryGetText(payload, claim, out name) && name?.Length is null or > 0;
        fault = !read ? $"The token's {claim} is not a text with something in it."
            : name?.Length > most ? $"The token's {claim} has {name.Length} characters; at most {most} are allowed."
            : "";
        return fault.Length == 0;
    }

    private static bool TryReadAudiences(JsonElement payload, out IReadOnlyList<string> audiences, out string fault)
    {
        (audiences, fault) = ([], "");
        if (!payload.TryGetProperty("aud", out var value))
        {
            return true;
        }

        var texts = new List<string>();
        var each = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        foreach (var element in each)
        {
            if (!StrictJson.TryGetText(element, out var text))
            {
                fault = "The token's aud is neither a text nor a list of texts.";
                return false;
            }

            texts.Add(text);
        }

        // An empty list is for nobody, and must not look like one that is missing.
        fault = texts.Count == 0 ? "The token's aud is an empty list, so it is for nobody." : "";
        audiences = texts;
        return texts.Count > 0;
    }

    private static bool TryReadTime(JsonElement payload, string claim, out DateTimeOffset? time, out string fault)
    {
        (time, fault) = (null, "");
        if (!payload.TryGetProperty(claim, out var value))
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds) || !(seconds is >= 0 and <= LastSecond))
        {
            fault = $"The token's {claim} is not a time in seconds since 1970; it may have a fraction, but no quotes, and milliseconds are too many.";
            return false;
        }

        time = DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return true;
    }
}
