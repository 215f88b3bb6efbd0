using System.Diagnostics.CodeAnalysis;

namespace Spillway.Access.Tokens;

/// <summary>What is read of a JOSE header. Keys that it brings or names (<c>jwk</c>, <c>jku</c>, <c>x5u</c>, <c>x5c</c>) are never looked at: whoever makes a token could bring any.</summary>
/// <param name="Algorithm">The name of its algorithm, as it stands there.</param>
/// <param name="KeyId">The key that it names; null for none.</param>
/// <param name="Type">What it is, as it stands there; null where it does not say.</param>
internal sealed record JwsHeader(string Algorithm, string? KeyId, string? Type)
{
    /// <summary>Reads a header and refuses what nobody may pass over. Whether its type is right is for the <see cref="TokenProfile"/> of its issuer.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, int depth, [NotNullWhen(true)] out JwsHeader? header, out TokenFault fault, out string text)
    {
        (header, fault) = (null, TokenFault.Malformed);
        if (!StrictJson.TryParseObject(utf8, depth, out var document, out text))
        {
            text = $"The token's header {text}.";
            return false;
        }

        using (document)
        {
            var root = document.RootElement;
            if (!StrictJson.TryGetText(root, "alg", out var algorithm) || algorithm is null
                || !StrictJson.TryGetText(root, "kid", out var key) || !StrictJson.TryGetText(root, "typ", out var type))
            {
                text = "The token's header has no alg, or an alg, kid or typ that is no text.";
                return false;
            }

            fault = TokenFault.Header;
            if (root.TryGetProperty("crit", out _))
            {
                text = "The token's header has crit, which demands extensions that are not known here; have the issuer leave it out.";
                return false;
            }

            header = new JwsHeader(algorithm, key, type);
            fault = TokenFault.None;
            return true;
        }
    }
}
