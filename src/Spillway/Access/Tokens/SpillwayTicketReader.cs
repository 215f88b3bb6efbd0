using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;

namespace Spillway.Access.Tokens;

/// <summary>
/// Reads the claim <c>spillway</c>: <c>{"publish":["jobs/**"],"subscribe":["news/*"],"admin":true,"address":"192.0.2.0/24","client":"kiosk-7"}</c>, each member where it is
/// needed. A token without the claim is good and grants nothing.
/// </summary>
internal sealed class SpillwayTicketReader : ITicketReader
{
    public const string Claim = "spillway";

    private static readonly string[] Members = ["publish", "subscribe", "admin", "address", "client"];

    public bool TryRead(TokenClaims claims, JsonElement payload, TokenLimits limits, [NotNullWhen(true)] out AccessTicket? ticket, out string fault)
    {
        (ticket, fault) = (null, "");
        var (publish, subscribe, admin) = (GrantSet.None, GrantSet.None, false);
        IPNetwork? address = null;
        string? client = null;
        if (payload.TryGetProperty(Claim, out var own)
            && !(IsKnown(own, out fault) && TryReadGrants(own, "publish", limits, ref publish, out fault) && TryReadGrants(own, "subscribe", limits, ref subscribe, out fault)
                && TryReadAdmin(own, ref admin, out fault) && TryReadAddress(own, ref address, out fault) && TryReadClient(own, limits, ref client, out fault)))
        {
            return false;
        }

        ticket = new AccessTicket
        {
            Issuer = claims.Issuer,
            Subject = claims.Subject,
            TokenId = claims.TokenId,
            Issued = claims.IssuedAt,
            Expires = claims.Expires,
            Publish = publish,
            Subscribe = subscribe,
            Admin = admin,
            Address = address,
            ClientId = client,
        };
        return true;
    }

    // What is not known may be a restriction, misspelt: to pass over it would allow more than was meant.
    private static bool IsKnown(JsonElement own, out string fault)
    {
        fault = own.ValueKind != JsonValueKind.Object ? $"The token's {Claim} is not a JSON object." : "";
        if (fault.Length == 0 && own.EnumerateObject().FirstOrDefault(static member => !Members.Contains(member.Name, StringComparer.Ordinal)) is { Value.ValueKind: not JsonValueKind.Undefined } other)
        {
            fault = $"The token's {Claim} has \"{ShownText.Of(other.Name)}\", which is not known; it may have {string.Join(", ", Members)}.";
        }

        return fault.Length == 0;
    }

    private static bool TryReadGrants(JsonElement own, string name, TokenLimits limits, ref GrantSet grants, out string fault)
    {
        fault = "";
        if (!own.TryGetProperty(name, out var list))
        {
            return true;
        }

        var texts = new List<string>();
        if (list.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in list.EnumerateArray())
            {
                if (StrictJson.TryGetText(element, out var text))
                {
                    texts.Add(text);
                }
            }
        }

        if (list.ValueKind != JsonValueKind.Array || texts.Count != list.GetArrayLength())
        {
            fault = $"The token's {Claim}.{name} is not a list of topics and patterns.";
            return false;
        }

        if (!GrantSet.TryCreate(texts, limits.Grants, out var read, out fault))
        {
            fault = $"The token's {Claim}.{name} cannot be used. {ShownText.Line(fault)}";
            return false;
        }

        grants = read;
        return true;
    }

    private static bool TryReadAdmin(JsonElement own, ref bool admin, out string fault)
    {
        var there = own.TryGetProperty("admin", out var value);
        fault = there && value.ValueKind is not (JsonValueKind.True or JsonValueKind.False) ? $"The token's {Claim}.admin is neither true nor false." : "";
        admin = there && value.ValueKind == JsonValueKind.True;
        return fault.Length == 0;
    }

    private static bool TryReadAddress(JsonElement own, ref IPNetwork? address, out string fault)
    {
        fault = "";
        if (!own.TryGetProperty("address", out var value))
        {
            return true;
        }

        if (StrictJson.TryGetText(value, out var text) && AddressText.TryParse(text, out var network))
        {
            address = network;
            return true;
        }

        fault = $"The token's {Claim}.address is no IP address, nor a network like 192.0.2.0/24.";
        return false;
    }

    private static bool TryReadClient(JsonElement own, TokenLimits limits, ref string? client, out string fault)
    {
        fault = "";
        if (!own.TryGetProperty("client", out var value))
        {
            return true;
        }

        if (StrictJson.TryGetText(value, out client) && client.Length > 0 && client.Length <= limits.NameLength)
        {
            return true;
        }

        fault = $"The token's {Claim}.client is not a text of 1 to {limits.NameLength} characters.";
        return false;
    }
}
