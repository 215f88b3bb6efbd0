using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Spillway.Access;
using Spillway.Access.Tokens;
using Spillway.Events;

namespace Spillway.Mercure.Tokens;

/// <summary>
/// Reads the tokens of Mercure 0.x: the claim <c>mercure</c>, or <c>https://mercure.rocks/</c> where an issuer has to have names of its own. Entries are <c>*</c>, exact topics and URI templates. A token without the claim is good and grants nothing.
/// </summary>
/// <param name="own">Reads what is no protocol's own: who it is, and what the token is bound to.</param>
/// <param name="matchers">Reads topics and templates.</param>
/// <param name="entry">What of the options such tokens are verified by.</param>
/// <param name="standing">Says whether that still stands.</param>
internal sealed class ClassicReader(ITicketReader own, MatcherReader matchers, string entry, MercureStanding standing) : ITicketReader
{
    private static readonly string[] Claims = ["mercure", "https://mercure.rocks/"];

    /// <summary>Whoever has the secret makes them, often without <c>iss</c>, <c>aud</c>, <c>typ</c> and <c>exp</c>.</summary>
    public static readonly TokenProfile Profile = new() { EndsOnTime = true, TakesAnyIssuer = true, TakesAnyAudience = true };

    /// <summary>The claim of this dialect that a payload has; null for none.</summary>
    public static string? FindClaim(JsonElement payload) => Array.Find(Claims, claim => payload.TryGetProperty(claim, out _));

    public bool TryRead(TokenClaims claims, JsonElement payload, TokenLimits limits, [NotNullWhen(true)] out AccessTicket? ticket, out string fault)
    {
        if (!own.TryRead(claims, payload, limits, out ticket, out fault))
        {
            return false;
        }

        var (publish, subscribe) = (MercureGrants.None, MercureGrants.None);
        var there = Array.FindAll(Claims, claim => payload.TryGetProperty(claim, out _));
        if (payload.TryGetProperty(DetailsReader.Claim, out _))
        {
            fault = $"The token has {DetailsReader.Claim}, which counts in tokens of typ at+jwt alone, of an issuer that Access:Issuers has by its iss.";
        }
        else if (there.Length > 1)
        {
            fault = $"The token has the claims {string.Join(" and ", there)}, and it cannot be told which counts.";
        }
        else if (there is [var name])
        {
            fault = Read(payload.GetProperty(name), name, limits, out publish, out subscribe) ?? "";
        }

        ticket = fault.Length > 0 ? null : ticket with
        {
            Kind = CredentialKind.Foreign,
            Issuer = null, // Whatever stands there: nobody vouches for it but who has the secret.
            Publish = GrantSet.None,
            Subscribe = GrantSet.None,
            Admin = false,
            Foreign = new MercureClaims(entry, standing) { Dialect = Dialect.Classic, Publish = publish, Subscribe = subscribe },
        };
        return ticket is not null;
    }

    private string? Read(JsonElement claim, string name, TokenLimits limits, out MercureGrants publish, out MercureGrants subscribe)
    {
        (publish, subscribe) = (MercureGrants.None, MercureGrants.None);
        if (claim.ValueKind != JsonValueKind.Object)
        {
            return $"The token's {name} is not a JSON object.";
        }

        var payload = claim.TryGetProperty("payload", out var value) && value.ValueKind != JsonValueKind.Null ? value.GetRawText() : null;
        return ReadList(claim, name, "publish", limits, null, ref publish) ?? ReadList(claim, name, "subscribe", limits, payload, ref subscribe);
    }

    // Null stands for a list that is not there: so libraries write one that was not given.
    private string? ReadList(JsonElement claim, string name, string purpose, TokenLimits limits, string? payload, ref MercureGrants grants)
    {
        var there = claim.TryGetProperty(purpose, out var entries) && entries.ValueKind != JsonValueKind.Null;
        if (there && (entries.ValueKind != JsonValueKind.Array || entries.GetArrayLength() > limits.Grants))
        {
            return entries.ValueKind == JsonValueKind.Array
                ? $"The token's {name}.{purpose} has {entries.GetArrayLength()} entries; Access:TokenGrants allows {limits.Grants}."
                : $"The token's {name}.{purpose} is not a list.";
        }

        var list = new GrantList();
        foreach (var each in there ? entries.EnumerateArray() : [])
        {
            if (ReadEntry(each, $"The token's {name}.{purpose}", list) is { } fault)
            {
                return fault;
            }
        }

        grants = new MercureGrants([list.ToGrant(null)], payload);
        return null;
    }

    private string? ReadEntry(JsonElement each, string name, GrantList list)
    {
        if (!StrictJson.TryGetText(each, out var text))
        {
            return $"{name} has an entry that is no text.";
        }

        if (matchers.FindFault(text) is { } fault)
        {
            return $"{name} has an entry that {fault}.";
        }

        if (text == MatcherReader.Everything)
        {
            list.AddEverything();
        }
        else if (!matchers.TryReadTemplate(text, out var matcher, out fault))
        {
            return $"{name} has \"{ShownText.Of(text)}\", which {fault}.";
        }
        else if (matcher is ExactTopic)
        {
            list.AddTopic(text);
        }
        else
        {
            list.AddPattern(matcher);
        }

        return null;
    }
}
