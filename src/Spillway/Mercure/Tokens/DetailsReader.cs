using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Spillway.Access;
using Spillway.Access.Tokens;

namespace Spillway.Mercure.Tokens;

/// <summary>
/// Reads the access tokens of draft 8: <c>authorization_details</c> (RFC 9396) of Mercure's type. One detail that is not right refuses the whole token (A7): what is left of it would be something that nobody granted.
/// Details of other types are others' affair.
/// </summary>
/// <param name="own">Reads what is no protocol's own: who it is, and what the token is bound to.</param>
/// <param name="matchers">Reads topics and patterns.</param>
/// <param name="standing">Says of what was verified whether it still stands.</param>
internal sealed class DetailsReader(ITicketReader own, MatcherReader matchers, MercureStanding standing) : ITicketReader
{
    public const string Claim = "authorization_details";

    /// <summary>The type of Mercure's details, compared byte for byte.</summary>
    public const string Type = "https://mercure.rocks/authorization-detail";

    /// <summary>The types of tokens that are taken (A4).</summary>
    public static readonly TokenProfile Profile = new() { Types = ["at+jwt"], NeedsType = true, NeedsExpiry = true, EndsOnTime = true };

    /// <summary>What stands for an issuer among what tokens are verified by.</summary>
    public static string EntryOf(string issuer) => "issuer\n" + issuer;

    public bool TryRead(TokenClaims claims, JsonElement payload, TokenLimits limits, [NotNullWhen(true)] out AccessTicket? ticket, out string fault)
    {
        if (!own.TryRead(claims, payload, limits, out ticket, out fault))
        {
            return false;
        }

        var (publish, subscribe) = (new List<MercureGrant>(), new List<MercureGrant>());
        if (ClassicReader.FindClaim(payload) is { } classic)
        {
            fault = $"The token has the claim {classic} of Mercure 0.x; a token of its issuer says what it grants in {Claim} alone.";
        }
        else if (payload.TryGetProperty(Claim, out var details))
        {
            fault = ReadAll(details, limits, publish, subscribe) ?? "";
        }

        ticket = fault.Length > 0 ? null : ticket with
        {
            Kind = CredentialKind.Foreign,
            Publish = GrantSet.None,
            Subscribe = GrantSet.None,
            Admin = false,
            Foreign = new MercureClaims(EntryOf(claims.Issuer!), standing) { Dialect = Dialect.Draft8, Publish = new(publish), Subscribe = new(subscribe) },
        };
        return ticket is not null;
    }

    private string? ReadAll(JsonElement details, TokenLimits limits, List<MercureGrant> publish, List<MercureGrant> subscribe)
    {
        if (details.ValueKind != JsonValueKind.Array)
        {
            return $"The token's {Claim} is not a list.";
        }

        var (index, count, entries) = (-1, 0, 0);
        foreach (var detail in details.EnumerateArray())
        {
            var name = $"The token's {Claim}[{++index}]";
            if (detail.ValueKind != JsonValueKind.Object || !StrictJson.TryGetText(detail, "type", out var type) || type is null)
            {
                return $"{name} is not an object with a type.";
            }

            if (!string.Equals(type, Type, StringComparison.Ordinal))
            {
                continue;
            }

            var (list, topics) = (new GrantList(), default(JsonElement));
            var fault = ReadActions(detail, name, out var publishes, out var subscribes) ?? FindTopics(detail, name, out topics);
            entries += fault is null ? topics.GetArrayLength() : 0;
            if (fault is null && (++count > limits.Grants || entries > limits.Grants))
            {
                fault = $"The token's {Claim} has more than the {limits.Grants} grants that Access:TokenGrants allows.";
            }

            fault ??= ReadTopics(topics, name, list);
            if (fault is not null)
            {
                return fault;
            }

            var grant = list.ToGrant(detail.TryGetProperty("payload", out var payload) ? payload.GetRawText() : null);
            publish.AddRange(publishes ? [grant] : []);
            subscribe.AddRange(subscribes ? [grant] : []);
        }

        return null;
    }

    // What is not known is allowed by nobody here, and does not hinder what is known.
    private static string? ReadActions(JsonElement detail, string name, out bool publishes, out bool subscribes)
    {
        (publishes, subscribes) = (false, false);
        if (!detail.TryGetProperty("actions", out var actions) || actions.ValueKind != JsonValueKind.Array || actions.GetArrayLength() == 0)
        {
            return $"{name}.actions is not a list with something in it.";
        }

        foreach (var action in actions.EnumerateArray())
        {
            if (!StrictJson.TryGetText(action, out var text) || text.Length == 0)
            {
                return $"{name}.actions has an element that is no text with something in it.";
            }

            publishes |= text == "publish";
            subscribes |= text == "subscribe";
        }

        return null;
    }

    private static string? FindTopics(JsonElement detail, string name, out JsonElement topics) =>
        detail.TryGetProperty("topics", out topics) && topics.ValueKind == JsonValueKind.Array && topics.GetArrayLength() > 0 ? null : $"{name}.topics is not a list with something in it.";

    private string? ReadTopics(JsonElement topics, string name, GrantList list)
    {
        var index = 0;
        foreach (var topic in topics.EnumerateArray())
        {
            if (ReadTopic(topic, $"{name}.topics[{index++}]", list) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private string? ReadTopic(JsonElement topic, string name, GrantList list)
    {
        if (topic.ValueKind != JsonValueKind.Object || !StrictJson.TryGetText(topic, "match", out var match) || match is null || !StrictJson.TryGetText(topic, "match_type", out var type))
        {
            return $"{name} is not an object with a text for match, and for match_type if that is there.";
        }

        type ??= MatcherReader.Exact;
        if (!MatcherReader.Types.Contains(type, StringComparer.Ordinal))
        {
            return $"{name}.match_type is \"{ShownText.Of(type)}\"; {string.Join(" and ", MatcherReader.Types)} are known.";
        }

        if (matchers.FindFault(match) is { } fault)
        {
            return $"{name}.match {fault}.";
        }

        if (match == MatcherReader.Everything)
        {
            list.AddEverything();
        }
        else if (type == MatcherReader.Exact)
        {
            list.AddTopic(match);
        }
        else if (matchers.TryReadUrlPattern(match, out var pattern, out fault))
        {
            list.AddPattern(pattern);
        }
        else
        {
            return $"{name}.match \"{ShownText.Of(match)}\" {ShownText.Line(fault)}.";
        }

        return null;
    }
}
